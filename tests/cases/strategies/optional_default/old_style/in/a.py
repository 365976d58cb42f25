from typing import List


def f(x: str, size: List[int] = None) -> None:
    print(x, size)
