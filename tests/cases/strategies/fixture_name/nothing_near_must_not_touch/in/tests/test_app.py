def test_sum(quantity):
    assert sum(quantity) == 3
