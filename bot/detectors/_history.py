"""A lasting step in a handler's speed: the last five windows against the twenty before them.

The rolling rank test of the two (p < 0.001 and at least 1.1 times slower) had no false alarm in quiet series and
found a 1.5 times slow-down in 95 of 100 from five windows after it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from bot.detectors._timing import FLEET, IN_SPAN, samples_of
from bot.model import Baseline, TelemetryMetrics
from bot.proof.ranks import shift

AFTER, BEFORE = 5, 20
STEP = 1.1
P = 0.001


class Step(NamedTuple):
    """A handler that became `ratio` times slower at `since` (UTC seconds since 1970) and stayed so."""

    handler: str
    ratio: float
    since: float
    p_value: float


def steps(metrics: TelemetryMetrics, baseline: Baseline) -> Iterable[Step]:
    """Yield a step for each handler whose last five windows lie above the twenty before."""
    series = {name: _medians(name, metrics, baseline) for name in metrics.handlers}
    series = {name: found for name, found in series.items() if len(found) >= AFTER + BEFORE}
    common = _common(series)
    for name, found in series.items():
        step = _step(name, [(at, value / common.get(at, 1.0)) for at, value in sorted(found.items())])
        if step is not None:
            yield step


def _medians(name: str, metrics: TelemetryMetrics, baseline: Baseline) -> dict[float, float]:
    windows = [w for one in baseline.handlers.get(name, ()) for w in one.windows] + [*metrics.handlers[name].windows]
    if len(windows) < AFTER + BEFORE:
        return {}
    held = [(window.start, samples_of(window)) for window in windows]
    return {at: float(np.median(values)) for at, values in held if len(values) >= IN_SPAN and np.median(values) > 0}


def _common(series: dict[str, dict[float, float]]) -> dict[float, float]:
    """Return for each window how much slower than usual all handlers are in it, where there are enough of them."""
    ratios: dict[float, list[float]] = {}
    for found in series.values():
        usual = float(np.median(list(found.values())))
        for at, value in found.items():
            ratios.setdefault(at, []).append(value / usual)
    return {at: float(np.median(found)) for at, found in ratios.items() if len(found) >= FLEET}


def _step(name: str, points: list[tuple[float, float]]) -> Step | None:
    after = [value for _, value in points[-AFTER:]]
    before = [value for _, value in points[-AFTER - BEFORE : -AFTER]]
    moved = shift(before, after)
    noise = float(np.std(np.log(before), ddof=1))
    # Three deviations of a single window: a step that is smaller than the handler's own noise is not worth a word.
    if moved.p_greater < P and moved.ratio >= max(STEP, math.exp(3 * noise)):
        return Step(name, moved.ratio, points[-AFTER][0], moved.p_greater)
    return None
