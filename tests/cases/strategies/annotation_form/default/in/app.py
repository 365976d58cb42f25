def total(values: list[int], scale: int = 1.5) -> float:
    return sum(values) * scale
