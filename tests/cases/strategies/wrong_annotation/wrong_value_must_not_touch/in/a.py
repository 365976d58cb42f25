def f(x: int) -> int:
    if x:
        return str(x)
    return 0
Y: int = 0
Y = f("a")
