from shop import gross


def test_gross():
    assert gross(6) == 6
