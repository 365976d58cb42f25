async def load(fetch, names):
    a = await fetch("a")
    b = await fetch("b")
    c = await fetch(a)
    out = []
    for name in names:
        out.append(await fetch(name))
    return a, b, c, out
