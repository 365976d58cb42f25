def each(values):
    for value in values:
        yield value
