from app import price, SEEN


def test_first():
    assert price("a") == 2


def test_seen():
    price("b")
    assert SEEN == ["first", "b"]
