def total(values: list, more: dict[str, list]) -> int:
    return len(list(values)) + len(more)
