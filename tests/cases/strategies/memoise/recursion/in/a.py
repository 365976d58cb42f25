import math

LIMIT = 3


def ways(n, k=2):
    if n < LIMIT:
        return math.floor(n)
    return ways(n - 1, k) + ways(n - k, k)
