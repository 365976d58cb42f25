def f(a=True):
    return "1" if a else None
