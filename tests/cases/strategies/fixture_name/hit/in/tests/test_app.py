def test_sum(vales):
    assert sum(vales) == 3
