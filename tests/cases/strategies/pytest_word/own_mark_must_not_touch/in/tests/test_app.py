import pytest


@pytest.mark.database
def test_sum():
    assert 1
