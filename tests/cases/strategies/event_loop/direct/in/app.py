from asyncio import get_event_loop


def total(values):
    return get_event_loop().run_until_complete(later(values))
