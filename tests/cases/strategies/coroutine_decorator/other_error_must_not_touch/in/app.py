import asyncio


@asyncio.coroutine
def later(value):
    yield from asyncio.sleep(0)
