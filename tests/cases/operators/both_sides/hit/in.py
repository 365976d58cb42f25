def same(one, two):
    return one == two
