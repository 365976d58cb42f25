# at: total - 1
def f(total):
    total = 1 * total
    return total - 1
