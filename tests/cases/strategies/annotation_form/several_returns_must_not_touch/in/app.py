def total(values: list[int]) -> str:
    if not values:
        return ''
    return sum(values)
