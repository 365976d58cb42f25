import asyncio


def total(values):
    loop = asyncio.get_event_loop()
    loop.call_soon(print)
    return loop.run_until_complete(later(values))
