def total(values):
    list = [*values]
    return list
