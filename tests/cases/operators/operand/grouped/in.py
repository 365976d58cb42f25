def sign(values):
    return (-1) ** 2 * len(values)
