async def fetch(n):
    return n * 2


async def total(ns):
    out = 0
    for n in ns:
        out += fetch(n)
    return out
