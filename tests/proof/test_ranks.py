"""The rank test agrees with counting all orders, and with the figures of the textbooks."""

from __future__ import annotations

import itertools
import math

import pytest

from bot.proof.ranks import shift


def _by_counting(before: list[float], after: list[float]) -> tuple[float, float]:
    """Return both one-sided p values from all ways to split the pooled samples."""
    pooled = before + after

    def u(side: list[float], other: list[float]) -> float:
        return sum(a > b for a in side for b in other)

    seen = u(after, before)
    all_u = []
    for picked in itertools.combinations(range(len(pooled)), len(after)):
        side = [pooled[i] for i in picked]
        other = [pooled[i] for i in range(len(pooled)) if i not in picked]
        all_u.append(u(side, other))
    return sum(x <= seen for x in all_u) / len(all_u), sum(x >= seen for x in all_u) / len(all_u)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]),
        ([4.0, 5.0, 6.0], [1.0, 2.0, 3.0]),
        ([1.0, 4.0, 6.0, 7.0], [2.0, 3.0, 5.0]),
        ([5.0], [1.0, 9.0, 3.0, 4.0]),
    ],
)
def test_small_samples_are_exact(before, after):
    found = shift(before, after)
    assert (found.p_less, found.p_greater) == pytest.approx(_by_counting(before, after))


def test_ten_against_ten_apart_is_certain():
    found = shift([10.0 + i for i in range(10)], [1.0 + i / 10 for i in range(10)])
    assert found.p_less == pytest.approx(1 / math.comb(20, 10))
    assert found.p_greater == 1.0
    assert found.ratio == pytest.approx(1.45 / 14.5)
    assert found.p_value == pytest.approx(2 / math.comb(20, 10))


def test_equal_samples_say_nothing():
    found = shift([2.0] * 8, [2.0] * 9)
    assert found.p_value == 1.0
    assert found.ratio == 1.0
    assert found.counts == (8, 9)


def test_large_samples_use_the_normal_form():
    before = [float(i) for i in range(100)]
    found = shift(before, [i + 0.5 for i in before])
    assert 0.8 < found.p_value <= 1.0
    assert shift(before, [i + 80.5 for i in before]).p_greater < 1e-9


def test_ties_widen_nothing():
    found = shift([1.0, 1.0, 2.0, 2.0], [2.0, 2.0, 3.0, 3.0])
    assert 0.02 < found.p_greater < 0.1


@pytest.mark.parametrize(("before", "after"), [([], [1.0]), ([1.0], [])])
def test_no_samples_is_an_error(before, after):
    with pytest.raises(ValueError, match="both sides"):
        shift(before, after)


@pytest.mark.parametrize(("before", "after", "ratio"), [([0.0], [0.0], 1.0), ([0.0], [1.0], math.inf)])
def test_ratio_of_nothing(before, after, ratio):
    assert shift(before, after).ratio == ratio
