def f(xs, check):
    return any([check(x) for x in xs]) or all([1, 2])
