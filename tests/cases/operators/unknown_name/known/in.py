import os
from sys import argv as given

LIMIT = 3


def total(values):
    def one(value):
        return min(value, LIMIT, len(given), os.getpid())

    return sum(one(value) for value in values)
