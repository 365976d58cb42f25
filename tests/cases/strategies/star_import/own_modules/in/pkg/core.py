from pkg.helpers import *
from .more import *


def total(values):
    return combined(values) + START + MORE + sum(values) + len(values)
