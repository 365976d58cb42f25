from shop import common


def test_common():
    assert common(["a", "b", "c"], ("b", "c", "d")) == ["b", "c"]
    assert common([1, 2], []) == []
