from shop import price


def test_price():
    assert price("3") == 3
    assert price("4") == 4
