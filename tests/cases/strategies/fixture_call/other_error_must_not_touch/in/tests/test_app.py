import pytest


@pytest.fixture
def values():
    return [1, 2]


def test_sum():
    assert sum(values()) == 3
