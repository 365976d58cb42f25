def total(values):
    return sum(valus)
