def f(x, known=[1, 2]):
    return x in known
