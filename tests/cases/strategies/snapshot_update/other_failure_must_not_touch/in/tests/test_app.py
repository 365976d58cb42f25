def test_a(snapshot):
    assert a() == 1
