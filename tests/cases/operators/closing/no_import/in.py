def f(path, make):
    with make(path) as held:
        return held
