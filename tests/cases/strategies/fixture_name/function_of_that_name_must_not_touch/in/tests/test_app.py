import pytest


@pytest.fixture
def valuess():
    return [1, 2]


def values():
    return 3


def test_sum(values):
    assert values
