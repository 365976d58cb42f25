def test_a(snapshot):
    assert a() == snapshot
