from dataclasses import dataclass


@dataclass
class Point:
    width: int
    height: int = 0


def make():
    return Point(width=1, hight=2)
