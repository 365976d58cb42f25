def f(x):
    if x is "a" or x is not 1 or x is None:
        return x is  not ()
