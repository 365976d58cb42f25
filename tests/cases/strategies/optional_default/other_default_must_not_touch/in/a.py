def f(size: int = "a") -> None:
    print(size)
