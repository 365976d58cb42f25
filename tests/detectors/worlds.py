"""Metrics of made-up handlers: lognormal durations, a few outliers, noise that all share, and one that is slowed."""

import math
from dataclasses import dataclass

import numpy as np

from bot.model import Baseline, HandlerMetrics, TelemetryMetrics, Window
from bot.telemetry.baseline import baseline_of

START = 1_700_000_000.0


@dataclass(frozen=True)
class World:
    """How noisy it is: `shared` and `own` are deviations of the level per window on the logarithm."""

    shared: float = 0.1
    own: float = 0.02
    samples: int = 20
    handlers: int = 12
    windows: int = 10
    outliers: float = 0.02
    seed: int = 1

    def runs(self, *, slow: dict[str, float] | None = None, everything: float = 1.0) -> list[TelemetryMetrics]:
        """Return the past windows and the current one, in which `slow` (handler to factor) and everything is slower."""
        chance = np.random.default_rng(self.seed)
        base, spread = chance.lognormal(3, 1, self.handlers), chance.choice((0.1, 0.2, 0.3), self.handlers)
        made = []
        for window in range(self.windows + 1):
            common = math.exp(chance.normal(0, self.shared)) * (everything if window == self.windows else 1)
            found = {}
            for number in range(self.handlers):
                name = f"h{number}"
                level = base[number] * common * math.exp(chance.normal(0, self.own))
                values = level * chance.lognormal(0, spread[number], self.samples)
                odd = chance.random(self.samples) < self.outliers
                values[odd] *= chance.uniform(5, 20, odd.sum())
                values *= (slow or {}).get(name, 1.0) if window == self.windows else 1.0
                found[name] = handler(values.tolist(), START + 3600 * window)
            made.append(TelemetryMetrics(handlers=found))
        return made


def handler(values: list[float], start: float, *, errors: int = 0, seconds: float = 60.0) -> HandlerMetrics:
    """Return a handler with one window of durations."""
    window = Window(start=start, seconds=seconds, count=len(values), errors=errors, samples=tuple(values))
    p50, p95, p99 = np.quantile(values, (0.5, 0.95, 0.99)).tolist() if values else (0.0, 0.0, 0.0)
    return HandlerMetrics(
        count=len(values),
        avgTime=float(np.mean(values)) if values else 0.0,
        p50=p50,
        p95Time=p95,
        p99Time=p99,
        errorRate=errors / len(values) if values else 0.0,
        lastSeen="2024-05-01T12:00:00.000Z",
        windows=(window,),
    )


def past(runs: list[TelemetryMetrics]) -> Baseline:
    """Return all but the last as a baseline, newest first."""
    return baseline_of(runs[-2::-1])
