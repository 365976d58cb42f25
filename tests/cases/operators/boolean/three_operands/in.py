def f(a, b, c):
    return a and b and not c
