def f(x: str, size: int = None) -> None:
    print(x, size)


def g(
    *,
    name: str = None,
) -> None:
    print(name)
