import x


def total(values: x.Box) -> x.Box:
    return values
