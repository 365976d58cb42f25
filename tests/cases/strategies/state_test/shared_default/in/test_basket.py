from basket import collect


def test_collect():
    assert collect("nut", ["bolt"]) == ["bolt", "nut"]
    assert collect(*["a"]) == ["a"]
