import asyncio


@asyncio.coroutine
def later(value):
    yield from asyncio.sleep(0)
    return (yield from other(value))


class Box:
    @asyncio.coroutine
    def get(self):
        return (yield from later(1))
