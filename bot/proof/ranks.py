"""The rank test that detection and the proof of a speed-up share.

Mann and Whitney, "On a test of whether one of two random variables is stochastically larger than the other" (1947).
Up to 400 pairs without ties the distribution is exact (their recurrence); else the normal approximation with
the correction for ties and for continuity.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import median

EXACT_PAIRS = 400


@dataclass(frozen=True)
class Shift:
    """How `after` differs from `before`: `p_less`, `p_greater` are one-sided, `ratio` = median after / before."""

    p_less: float
    p_greater: float
    ratio: float
    counts: tuple[int, int]

    @property
    def p_value(self) -> float:
        """Return the two-sided p value, between 0 and 1."""
        return min(1.0, 2 * min(self.p_less, self.p_greater))


def shift(before: Sequence[float], after: Sequence[float]) -> Shift:
    """Return how `after` is shifted against `before`; raises `ValueError` when either holds no sample.

    `p_less` is small when `after` is smaller (a speed-up of durations), `p_greater` when it is larger.
    The ratio is infinite when the median before is 0 and the one after is not, 1 when both are 0.
    """
    if not before or not after:
        raise ValueError("a rank test needs samples on both sides")
    u, ties = _u_statistic(before, after)
    n, m = len(before), len(after)
    if not ties and n * m <= EXACT_PAIRS:
        less, greater = _exact(n, m, u)
    else:
        less, greater = _normal(n, m, u, ties)
    return Shift(less, greater, _ratio(median(before), median(after)), (n, m))


def _ratio(before: float, after: float) -> float:
    if before == 0:
        return 1.0 if after == 0 else math.inf
    return after / before


def _u_statistic(before: Sequence[float], after: Sequence[float]) -> tuple[float, float]:
    """Return U of `after` (pairs where after > before, ties one half) and the sum of t^3 - t over ties."""
    pooled = sorted([(value, 0) for value in before] + [(value, 1) for value in after])
    rank_sum, ties, i = 0.0, 0.0, 0
    while i < len(pooled):
        j = i
        while j < len(pooled) and pooled[j][0] == pooled[i][0]:
            j += 1
        size = j - i
        rank_sum += (i + 1 + j) / 2 * sum(side for _, side in pooled[i:j])
        ties += size**3 - size
        i = j
    m = len(after)
    return rank_sum - m * (m + 1) / 2, ties


def _exact(n: int, m: int, u: float) -> tuple[float, float]:
    counts = _frequencies(n, m)
    total = math.comb(n + m, m)
    at = round(u)
    return sum(counts[: at + 1]) / total, sum(counts[at:]) / total


@cache
def _frequencies(n: int, m: int) -> tuple[int, ...]:
    """Return how many orders of n + m samples give each U: the coefficients of the Gaussian binomial."""
    counts = [1] + [0] * (n * m)
    for i in range(1, m + 1):
        for u in range(n * m, n + i - 1, -1):
            counts[u] -= counts[u - n - i]
        for u in range(i, n * m + 1):
            counts[u] += counts[u - i]
    return tuple(counts)


def _normal(n: int, m: int, u: float, ties: float) -> tuple[float, float]:
    total = n + m
    variance = n * m / 12 * ((total + 1) - ties / (total * (total - 1))) if total > 1 else 0.0
    if variance <= 0:
        return 1.0, 1.0
    spread, centre = math.sqrt(variance), n * m / 2
    return _below((u + 0.5 - centre) / spread), _below((centre - u + 0.5) / spread)


def _below(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))
