async def load(fetch):
    a = await fetch("a")
    b = await fetch(a)
    return b
