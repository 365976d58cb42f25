def total(known: dict[str, int]) -> int:
    known.setdeflt('a', 1)
    return 1
