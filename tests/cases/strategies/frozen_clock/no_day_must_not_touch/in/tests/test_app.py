from app import age


def test_age():
    assert age(1994) == 30
