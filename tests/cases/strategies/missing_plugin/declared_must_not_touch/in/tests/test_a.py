def test_a(mocker): pass
