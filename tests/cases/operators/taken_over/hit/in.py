def f(base, size=3):
    fields = {}
    size = int(size)
    return fields
