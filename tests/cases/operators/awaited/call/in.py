async def fetch(name):
    for row in rows():
        yield row


async def age(name):
    data = fetch(name)
    return (await fetch(name)).get("age") or data.get("age")
