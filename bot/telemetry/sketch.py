"""Durations in buckets that grow by 2 % each: any quantile to 1 %, small, and added up by adding counts.

The mapping is DDSketch's (Masson, Rim, Lee, VLDB 2019) with a relative error of 1 %: value v > 0 is in bucket
ceil(log v / log g) with g = (1 + 0.01) / (1 - 0.01), and stands for 2 g^i / (g + 1).
"""

from __future__ import annotations

import math
from array import array as array_of
from collections.abc import Iterable, Mapping

import numpy as np

ERROR = 0.01
GROWTH = (1 + ERROR) / (1 - ERROR)
_LOG = math.log(GROWTH)
LEAST, MOST = 1e-6, 1e18  # milliseconds, a nanosecond and longer than there is time: what lies outside counts as these


def buckets(values: Iterable[float]) -> dict[int, int]:
    """Return how many of `values` (milliseconds, not negative) fall into each bucket, by bucket number."""
    array = np.frombuffer(values) if isinstance(values, array_of) else np.fromiter(values, dtype=float)
    if not len(array):
        return {}
    numbers = np.ceil(np.log(np.fmin(np.fmax(array, LEAST), MOST)) / _LOG).astype(np.int64)
    least = int(numbers.min())
    counts = np.bincount(numbers - least)  # at most a few thousand
    found = counts.nonzero()[0]
    return dict(zip((found + least).tolist(), counts[found].tolist(), strict=True))


def value_of(bucket: int) -> float:
    """Return the value a bucket stands for, in milliseconds."""
    return float(2 * math.exp(bucket * _LOG) / (GROWTH + 1))


def merged(parts: Iterable[Mapping[int, int]]) -> dict[int, int]:
    """Return the sum of several bucket counts."""
    total: dict[int, int] = {}
    for part in parts:
        for number, count in part.items():
            total[number] = total.get(number, 0) + count
    return total


def quantile(counts: Mapping[int, int], share: float) -> float:
    """Return the value below which `share` (0 to 1) of all lie, within 1 %; 0.0 when there is none."""
    total = sum(counts.values())
    if not total:
        return 0.0
    rank, seen = share * (total - 1), 0
    for number in sorted(counts):
        seen += counts[number]
        if seen > rank:
            return value_of(number)
    return value_of(max(counts))


def mean(counts: Mapping[int, int]) -> float:
    """Return the mean of all values, within 1 %; 0.0 when there is none."""
    total = sum(counts.values())
    return sum(value_of(number) * count for number, count in counts.items()) / total if total else 0.0
