from shop import Shop


def test_price():
    assert Shop([1, 2]).rows
