import pytest


@pytest.mark.parametrise('a', [1, 2])
def test_sum(a):
    assert a
