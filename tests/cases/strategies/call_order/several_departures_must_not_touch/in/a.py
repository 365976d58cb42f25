def run(x):
    b(x)
    a(x)
