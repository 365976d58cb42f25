def test_sum():
    return sum([1]) == 1
