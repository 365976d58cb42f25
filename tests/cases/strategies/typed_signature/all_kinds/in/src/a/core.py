import os


def shown(first, *args, sep=', ', limit: int = 3, **kwargs):
    return sep.join(args)
