# missing: total
def f(total, scale):
    if scale not in (True, 1):
        total *= scale
    return total
