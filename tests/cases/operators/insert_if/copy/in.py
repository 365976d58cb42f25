# at: high = value
def f(values):
    low, high = values[0], values[0]
    for value in values:
        if value > high:
            high = value
    return high - low
