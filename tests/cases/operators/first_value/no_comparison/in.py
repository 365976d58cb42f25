def total(values):
    result, self.last = 0, -1
    count = 0
    for value in values:
        count += value
    return count
