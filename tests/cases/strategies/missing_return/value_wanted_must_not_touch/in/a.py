def find(x: int) -> int:
    if x:
        return x
