def test_a():
    assert a() == snapshot(1)
