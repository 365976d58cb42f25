from a import Pen

def test_a():
    assert Pen().draw(1, color=2) == (1, 2)
