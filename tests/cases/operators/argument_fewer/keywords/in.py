def f(a, b):
    return sorted(a, key=b, reverse=True)
