def largest(values):
    best = 0
    for value in values[1:]:
        if value > best:
            best = value
    return best
