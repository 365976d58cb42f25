def f(x: dict[str, int] = {"a": 1}):
    if x:
        return
    print(x)

def g(
    x: int,
):
    if x in (1, 2):
        return True
    else:
        return x is None

def h(x: int):
    return x + 1
