"""Orders."""

CACHE = {}
SEEN: list[str] = ["first"]
LIMITS = {"a": 1}


def price(name):
    if name not in CACHE:
        CACHE[name] = len(name)
    SEEN.append(name)
    return CACHE[name] + LIMITS["a"]
