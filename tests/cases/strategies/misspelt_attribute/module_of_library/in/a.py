import os


def show(x):
    return os.path.jion("a", x)
