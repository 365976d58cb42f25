def f(a, b, c):
    return max(len(a, b), c)
