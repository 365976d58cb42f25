"""The shop."""

from shop import gross


def test_gross():
    assert gross(3) == 3


class TestNet:
    def test_other(self):
        assert gross(1)


def test_last():
    assert gross(4) == 4
