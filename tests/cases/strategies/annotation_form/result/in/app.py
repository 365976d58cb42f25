def total(values: list[int]) -> str:
    return sum(values)
