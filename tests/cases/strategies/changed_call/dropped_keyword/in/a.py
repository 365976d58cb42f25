import asyncio


async def wait(loop):
    await asyncio.sleep(1, loop=loop)
    lock = asyncio.Lock(loop=loop)
    return own(1, loop=loop), lock
