import unittest

import pytest

from shop import Shop, price


@pytest.fixture
def shop():
    return Shop([1, 2])


def test_total(shop):
    assert shop.total(2) == 6


@pytest.mark.parametrize("rate", [1, 2])
def test_rates(shop, rate):
    assert shop.total(rate) == 3 * rate


@pytest.mark.skip
def test_left_out(shop):
    assert shop.total(2) == 6


class TestShop:
    def test_nothing(self, shop):
        assert shop.total(0) == 0
