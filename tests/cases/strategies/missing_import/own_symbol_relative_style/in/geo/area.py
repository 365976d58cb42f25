import math
from . import units


def area():
    return Shape().sides * math.pi * units.ONE
