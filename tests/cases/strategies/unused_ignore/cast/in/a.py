from typing import cast

def f(x: int) -> int:
    return cast(int, x) + 1
