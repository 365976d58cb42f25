from collections import Iterable  # noqa


def f():
    return 1
