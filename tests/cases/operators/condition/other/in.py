# at: if
def f(a, b):
    if a == b:
        return 1
    return a < 0
