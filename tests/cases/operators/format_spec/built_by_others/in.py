def row(name, width):
    return f"{name:{width}}" + f"{name!r}" + f"{width:%Y-%m-%d}"
