def f(items):
    for item in items:
        total += item
    return total
