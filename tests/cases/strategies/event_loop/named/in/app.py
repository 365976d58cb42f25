import asyncio


def total(values):
    loop = asyncio.get_event_loop()
    return loop.run_until_complete(later(values))
