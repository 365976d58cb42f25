def f(x):
    return x is None or x is True
