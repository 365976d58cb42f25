def f(total, count):
    total += 1
    return total / count
