def variance(values, centre):
    return sum((value - centre) ** 2 for value in values) / len(values) - 1
