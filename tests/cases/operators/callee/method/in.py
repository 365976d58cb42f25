def f(values):
    return values.pop()
