def run(x):
    a(x)
    b(x)
