def count(items: list[int], allowed: list[int]) -> int:
    n = 0
    for item in items:
        if item not in allowed and item in [1, 2, 3, 4]:
            n += 1
    return n
