async def each(values: list[int]) -> int:
    for value in values:
        yield value
