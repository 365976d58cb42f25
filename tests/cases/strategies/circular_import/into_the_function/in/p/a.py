"""A."""
from .b import b, c

X = c


def use(x):
    """Use b."""
    return b(x)
