from a import Order


def test_total():
    assert Order().total_price() == 1
