def test_sum():
    return sum([1]) == 1


def test_all():
    values = [1]
    return all(values) and not values[1:]
