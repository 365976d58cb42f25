async def fetch(x):
    return {"a": x}


def run():
    return fetch(1)["a"]
