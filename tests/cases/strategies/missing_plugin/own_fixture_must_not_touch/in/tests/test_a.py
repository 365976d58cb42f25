def test_a(settings_x): pass
