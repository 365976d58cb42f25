"""Tests that became slow: one run gives one duration of each, so only a large step beyond all of the past counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bot.model import Baseline, TelemetryMetrics

FEW = 3  # runs of the past from which on their slowest says something
STEP, MORE_MS = 2.0, 100.0  # times the slowest run, and by how much at least
FIRST_STEP, FIRST_MORE_MS = 3.0, 300.0  # the same where there are fewer runs
MEASURABLE = 1.0  # milliseconds: shorter tests say nothing about the machine


@dataclass(frozen=True)
class SlowTest:
    """One test: its duration now, freed of what all tests share, and its slowest run before, in milliseconds."""

    test: str
    now: float
    before: float
    runs: int

    @property
    def ratio(self) -> float:
        """Return how many times slower than its slowest run it is."""
        return self.now / self.before


def slow_tests(metrics: TelemetryMetrics, baseline: Baseline) -> Iterator[SlowTest]:
    """Yield the tests that take much longer than they ever did, by the machine's speed in this run."""
    now = {name: one.avgTime for name, one in metrics.handlers.items() if one.test}
    past = {
        name: [one.avgTime for one in baseline.handlers[name] if one.test and not one.errorRate]
        for name in now
        if name in baseline.handlers
    }
    ratios = [now[n] / float(np.median(runs)) for n, runs in past.items() if runs and np.median(runs) >= MEASURABLE]
    factor = max(1.0, float(np.median(ratios))) if ratios else 1.0
    for name, runs in past.items():
        if not runs or max(runs) <= 0:
            continue
        step, more = (STEP, MORE_MS) if len(runs) >= FEW else (FIRST_STEP, FIRST_MORE_MS)
        found = SlowTest(name, now[name] / factor, max(runs), len(runs))
        if found.ratio >= step and found.now - found.before >= more:
            yield found
