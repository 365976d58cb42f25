def one():
    total = 1
    return total

def two():
    return totals
