def f(a, b):
    return pow(a, b, 7)
