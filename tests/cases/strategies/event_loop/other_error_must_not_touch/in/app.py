import asyncio


def total(values):
    return asyncio.get_event_loop().run_until_complete(later(values))
