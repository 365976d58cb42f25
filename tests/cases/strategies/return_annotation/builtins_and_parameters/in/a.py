def total(values: list[int]):
    return sum(values)


def same(value: str, other: int):
    return value


def listed(values: list[str]):
    return ", ".join(values)


def count(values: list[str]):
    return len(values)


def unsure(values: list[float], len):
    return sum(values)


def rebound(value: str):
    value = 3
    return value
