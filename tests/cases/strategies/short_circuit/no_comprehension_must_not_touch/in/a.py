def f(xs):
    return any(xs) or len([x for x in xs])
