def f(x):
    if x  # yes
        return 1
    return 2
