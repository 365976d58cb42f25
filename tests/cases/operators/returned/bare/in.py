def f(a):
    return
