def f(a):
    return abs(a)
