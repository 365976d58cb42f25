def f(name):
    return name
