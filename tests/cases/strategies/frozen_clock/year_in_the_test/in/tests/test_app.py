from app import season


def test_season():
    assert season() == 2024
