"""How much a handler's level moves when nothing changed, judged with the help of all other handlers.

Ten spans of the past say little about one variance. Smyth ("Linear models and empirical Bayes methods", 2004) draws
each variance to what is usual, the more so the more alike all of them are: a scaled chi-square prior is fitted to their
logarithms, and its degrees of freedom add to each one's own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

EFFICIENCY = 1.1  # the variance of a level is about 1.1 of that of a mean, for samples normal on the logarithm
ENOUGH_SPANS = 3  # of the past from which a handler's own jitter is estimated
MOST_DOF = 1e6
LEAST = 1e-8  # a variance below that is rounding


@dataclass(frozen=True)
class Level:
    """A handler's past: all samples, the variance of its spans' levels (logarithm), the usual size of a span."""

    before: NDArray[np.float64]
    spans: int
    variance: float
    in_span: float

    @cached_property
    def single(self) -> float:
        """Return the variance of one sample on the logarithm, from its quartiles: outliers do not count."""
        positive = self.before[self.before > 0]
        if not len(positive):
            return 0.0
        low, high = np.quantile(np.log(positive), (0.25, 0.75))
        return float(((high - low) / 1.349) ** 2)

    @property
    def sampling(self) -> float:
        """Return the variance that a span's level has because it rests on so few samples."""
        return EFFICIENCY * self.single / self.in_span


@dataclass(frozen=True)
class Prior:
    """What is usual: the jitter's variance, and the scale and degrees of freedom of its prior around that."""

    common: float
    scale: float
    dof: float

    def judged(self, level: Level, now: int) -> tuple[float, float]:
        """Return the deviation to expect of a level of `now` samples against the past, and its degrees of freedom."""
        expected = self.common + level.sampling + LEAST
        own = level.spans - 1
        share = (own * level.variance / expected + self.dof * self.scale) / (own + self.dof)
        jitter = max(0.0, share * expected - level.sampling)
        total = jitter * (1 + 1 / level.spans) + EFFICIENCY * level.single * (1 / now + 1 / len(level.before))
        return math.sqrt(total), own + self.dof


def fitted(levels: Sequence[Level]) -> Prior:
    """Return the prior that fits the handlers with enough spans: every variance as a share of what is expected."""
    known = [level for level in levels if level.spans >= ENOUGH_SPANS]
    if not known:
        return Prior(0.0, 1.0, 1.0)
    common = float(np.median([max(0.0, level.variance - level.sampling) for level in known]))
    shares = [(level.variance + LEAST) / (common + level.sampling + LEAST) for level in known]
    half = (float(np.median([level.spans for level in known])) - 1) / 2
    logs = np.log(shares) - digamma(half) + math.log(half)
    excess = float(np.var(logs, ddof=1)) - trigamma(half) if len(logs) > 1 else 0.0
    dof = 2 * _trigamma_inverse(excess) if excess > 0 else MOST_DOF
    scale = math.exp(float(np.mean(logs)) + digamma(dof / 2) - math.log(dof / 2))
    return Prior(common, scale, min(dof, MOST_DOF))


def width(deviations: float, dof: float) -> float:
    """Return the bound of Student's t with `dof` degrees of freedom that is as rare as a normal one of `deviations`.

    The first two terms of the Cornish-Fisher expansion (Abramowitz and Stegun 26.7.5).
    """
    z = deviations
    return z + (z**3 + z) / (4 * dof) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * dof**2)


def digamma(x: float) -> float:
    """Return the logarithmic derivative of the gamma function for x > 0 (Abramowitz and Stegun 6.3.5, 6.3.18)."""
    shift = 0.0
    while x < 6:
        shift, x = shift - 1 / x, x + 1
    y = 1 / (x * x)
    return shift + math.log(x) - 0.5 / x - y * (1 / 12 - y * (1 / 120 - y / 252))


def trigamma(x: float) -> float:
    """Return the second logarithmic derivative of the gamma function for x > 0 (Abramowitz and Stegun 6.4.12)."""
    shift = 0.0
    while x < 6:
        shift, x = shift + 1 / (x * x), x + 1
    y = 1 / (x * x)
    return shift + 1 / x + y / 2 + y / x * (1 / 6 - y * (1 / 30 - y / 42))


def _trigamma_inverse(value: float) -> float:
    """Return x with trigamma(x) = value, by Newton's method on its reciprocal (Smyth 2004, appendix)."""
    if value > 1e7:
        return 1 / math.sqrt(value)
    if value < 1e-6:
        return 1 / value
    x = 0.5 + 1 / value
    for _ in range(50):
        now = trigamma(x)
        slope = (trigamma(x * (1 + 1e-6)) - now) / (x * 1e-6)
        step = now * (1 - now / value) / slope
        x += step
        if abs(step) < 1e-8 * x:
            break
    return x
