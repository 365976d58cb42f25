from contextlib import closing
def f(path, make):
    with make(path) as held, closing(make(path)) as other:
        return held, other
