def f():
    return dict()
