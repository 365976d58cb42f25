def f(x):
    y = max(x, min(2, 3)
    return y
