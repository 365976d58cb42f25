def test_sum():
    return sum([1])


def helper():
    return 1 == 1


def test_early():
    if 1:
        return 2 == 2
