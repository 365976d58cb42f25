"""The shop."""

import math
from decimal import Decimal

import pytest
from shop import gross, net


def test_gross():
    assert gross(3) == 3


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_net_by_rate(rate):
    assert math.isclose(net(3, rate), 3 / (1 + rate))


class TestNet:
    def test_whole(self):
        assert net(Decimal(0)) == 0

    def test_other(self):
        assert gross(1)


class TestOnlyNet:
    def test_net(self):
        assert net(6, 1) == 3


def test_last():
    assert gross(4) == 4
