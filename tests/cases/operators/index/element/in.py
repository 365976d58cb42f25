# at: pair
def f(pair, i):
    return pair[i]
