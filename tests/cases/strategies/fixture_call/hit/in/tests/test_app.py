import pytest


@pytest.fixture
def values():
    return [1, 2]


@pytest.fixture
def doubled(request):
    return [2 * v for v in values()]


def test_sum():
    assert sum(values()) == 3


class TestIt:
    def test_len(self, values):
        assert len(values()) == 2
