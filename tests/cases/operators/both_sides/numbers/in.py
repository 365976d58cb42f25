def one_of_them_is_a_constant(one, two):
    return one == 3 or two is None or 1 < one < 2
