KNOWN = ["a", "b"]
OTHER = 1


def cost(name):
    return len(name)


def total(names):
    return sum(cost(name) for name in names if name in KNOWN)


def pairs(first, second):
    return list(zip(first, second))
