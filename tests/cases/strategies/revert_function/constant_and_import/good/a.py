from functools import lru_cache

KNOWN = frozenset(["a", "b"])


@lru_cache
def cost(name):
    return len(name)


def total(names):
    return sum(cost(name) for name in names if name in KNOWN)
