def collect(item, basket=[]):
    basket.append(item)
    return basket


def table(rows, width):
    return [[0] * width] * rows
