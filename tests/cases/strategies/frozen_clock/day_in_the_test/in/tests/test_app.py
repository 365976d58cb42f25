from app import age


def test_age():
    day = "2024-05-06"
    assert age(1994) == 30, day
