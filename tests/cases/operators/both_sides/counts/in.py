def same(one, two):
    return len(one) == two
