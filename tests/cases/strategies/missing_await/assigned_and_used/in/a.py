async def fetch(x):
    return {"a": x}


async def run(gather):
    fetch(0)
    value = fetch(1)["a"]
    jobs = [fetch(2)]
    done = await fetch(3)
    await gather(fetch(4))
    return value, jobs, done
