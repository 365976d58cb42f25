from a import Cart
def test_a():
    assert Cart.make(2) == 2
