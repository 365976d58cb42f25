import pytest


@pytest.fixture(scope='modul')
def values():
    return [1, 2]


def test_sum(values):
    assert values
