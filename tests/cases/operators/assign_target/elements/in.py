# at: best[key] =
def f(best, key, other):
    best[key] = 1
    other = best[other]
    return other
