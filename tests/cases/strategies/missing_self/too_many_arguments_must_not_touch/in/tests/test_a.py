from a import Cart
def test_a():
    assert Cart().total(1) == 0
