def amounts(path):
    with open(path) as stream:
        for line in stream:
            yield line
