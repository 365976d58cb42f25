import pytest


@pytest.fixture
def values(n):
    return [1, 2]


def helper():
    return values()


def test_sum():
    assert sum(values(3)) == 3


def test_typed() -> None:
    assert values()
