import asyncio


@asyncio.coroutine
def later(value):
    yield
    yield from asyncio.sleep(0)


def each(values):
    yield from values
