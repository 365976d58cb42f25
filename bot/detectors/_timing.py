"""Durations of handlers now and before, on one time line, with what all handlers share taken out.

What shifts every handler at once (a slower machine, a busy neighbour) is the environment's, not a handler's: in each
span of time the median over all handlers of (own level / usual level) is the factor that is divided out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bot.detectors._jitter import ENOUGH_SPANS, Level, Prior, fitted
from bot.model import Baseline, TelemetryMetrics, Window
from bot.telemetry import sketch
from bot.telemetry.timestamps import utc

Samples = NDArray[np.float64]
SPANS = 10  # into which the past is cut
LEAST = 10  # samples of a handler under which nothing is said
IN_SPAN = 5  # samples that give a span's level
NEARBY = 20  # handlers that ran about when one did
FLEET = 5  # handlers from which on their common factor means something
MOST = 2_000  # samples of one window that are looked at; they stand for all of them


def level(values: Samples) -> float:
    """Return where durations lie: their mean on the logarithm without the lowest and highest sixth, in milliseconds.

    Such a trimmed mean (Tukey, 1962) bears outliers like the median does, with a third less scatter of its own;
    0.0 when nothing is positive.
    """
    positive = np.sort(values[values > 0])
    cut = len(positive) // 6
    middle = positive[cut : len(positive) - cut]
    return float(np.exp(np.log(middle).mean())) if len(middle) else 0.0


def samples_of(window: Window) -> Samples:
    """Return a window's durations in milliseconds: as they were, or from its sketch, at most 2,000 evenly chosen."""
    values = np.asarray(window.samples, dtype=float)
    counts = np.ones(len(values), dtype=np.int64)
    if window.buckets:
        numbers = sorted(window.buckets)
        values = np.concatenate([values, [sketch.value_of(n) for n in numbers]])
        counts = np.concatenate([counts, [window.buckets[n] for n in numbers]])
        order = np.argsort(values, kind="stable")
        values, counts = values[order], counts[order]
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    if total > MOST:  # by rank: never as many values as there were events
        return values[np.searchsorted(ends, np.linspace(0, total - 1, MOST).astype(int), side="right")]
    return np.repeat(values, counts)


@dataclass(frozen=True)
class Timing:
    """One handler against its past: durations freed of what all share, and how much its own level usually moves.

    `usual` is its level before, `ratio` how its level moved, `spread` the standard deviation that the ratio's
    logarithm has when nothing changed (None when the past is cut into fewer than three spans), known with `dof` degrees
    of freedom. `factor` is what was taken out of `now`.
    """

    handler: str
    now: Samples
    before: Samples
    usual: float
    ratio: float
    spread: float | None
    dof: float
    factor: float = 1.0


class Fleet:
    """All handlers of one run and of its past; levels are in milliseconds."""

    def __init__(self, metrics: TelemetryMetrics, baseline: Baseline) -> None:
        self._now = {name: _joined(map(samples_of, h.windows)) for name, h in metrics.handlers.items()}
        self._last = {name: utc(h.lastSeen) or 0.0 for name, h in metrics.handlers.items()}
        self._past = _spans(
            {name: [w for one in found for w in one.windows] for name, found in baseline.handlers.items()}
        )
        self._levels = [_levels(span) for span in self._past]

    @cached_property
    def usual(self) -> Mapping[str, float]:
        """Return each handler's usual level: the median of its levels over the spans of the past."""
        found: dict[str, list[float]] = {}
        for span in self._levels:
            for name, value in span.items():
                found.setdefault(name, []).append(value)
        return {name: float(np.median(values)) for name, values in found.items()}

    @cached_property
    def factor(self) -> float:
        """Return how much slower everything is now than usual (1.0: as usual, or too few handlers to know)."""
        return self._factor(_levels(self._now))

    @cached_property
    def past_factors(self) -> tuple[float, ...]:
        """Return the same for each span of the past."""
        return tuple(self._factor(span) for span in self._levels)

    @property
    def handlers(self) -> int:
        """Return how many handlers have enough samples now and before."""
        return sum(len(values) >= LEAST and name in self.usual for name, values in self._now.items())

    def _factor(self, levels: Mapping[str, float]) -> float:
        ratios = [value / self.usual[name] for name, value in levels.items() if name in self.usual]
        return float(np.median(ratios)) if len(ratios) >= FLEET else 1.0

    @cached_property
    def _in_turn(self) -> tuple[tuple[str, float], ...]:
        """Return (handler, level now / usual level) in the order in which they were last seen."""
        now = {name: level(self._now[name]) for name, values in self._now.items() if len(values) >= LEAST}
        known = sorted((name for name in now if self.usual.get(name)), key=lambda name: (self._last[name], name))
        return tuple((name, now[name] / self.usual[name]) for name in known)

    def _nearby(self, name: str) -> float:
        """Return how much slower those are that ran about when a handler did, never less than all are.

        A past too short to show how levels move can't tell a busy moment of the machine from a slow handler; those
        that ran in the same moment can, where there are enough of them.
        """
        turn = self._in_turn
        if len(turn) < 3 * NEARBY:
            return self.factor
        at = next((place for place, (other, _) in enumerate(turn) if other == name), 0)
        first = min(max(0, at - NEARBY // 2), len(turn) - NEARBY - 1)
        near = [ratio for other, ratio in turn[first : first + NEARBY + 1] if other != name]
        return max(self.factor, float(np.median(near)))

    def timings(self) -> tuple[Timing, ...]:
        """Return every handler that has enough samples now and before."""
        enough = [name for name, values in self._now.items() if len(values) >= LEAST and name in self.usual]
        seen = {name: self._level(name) for name in enough}
        prior = fitted(list(seen.values()))
        return tuple(self._timing(name, seen[name], prior) for name in enough)

    def _level(self, name: str) -> Level:
        """Return how a handler's level moved over the past spans, freed of the common factor, on the logarithm."""
        spans = zip(self._past, self._levels, self.past_factors, strict=True)
        held = [(span[name] / factor, levels[name] / factor) for span, levels, factor in spans if name in levels]
        variance = float(np.var(np.log([value for _, value in held]), ddof=1)) if len(held) >= 2 else 0.0
        in_span = float(np.median([len(values) for values, _ in held]))
        return Level(_joined([values for values, _ in held]), len(held), variance, in_span)

    def _timing(self, name: str, past: Level, prior: Prior) -> Timing:
        known = past.spans >= ENOUGH_SPANS
        factor = self.factor if known else self._nearby(name)
        now = self._now[name] / factor
        usual = level(past.before) or self.usual[name]
        spread, dof = prior.judged(past, len(now)) if known else (None, 0.0)
        return Timing(name, now, past.before, usual, level(now) / usual, spread, dof, factor)


def _levels(span: Mapping[str, Samples]) -> dict[str, float]:
    """Return the level of each handler of a span that has enough samples and takes any time at all."""
    return {name: found for name, values in span.items() if len(values) >= IN_SPAN and (found := level(values)) > 0}


def _joined(parts: Iterable[Samples]) -> Samples:
    held = [part for part in parts if len(part)]
    return np.concatenate(held) if held else np.zeros(0)


def _spans(handlers: Mapping[str, Sequence[Window]]) -> list[dict[str, Samples]]:
    """Cut the past into up to ten spans of time that hold about as many samples each."""
    found = ((w.start, w.count, name, w) for name, windows in handlers.items() for w in windows)
    every = sorted(found, key=lambda one: one[:3])
    if not every:
        return []
    counts = [sum(w.count for w in windows) for windows in handlers.values()]
    busy = [one for one in counts if one >= ENOUGH_SPANS * LEAST]  # the others can't tell how much they move
    count = max(1, min(SPANS, int(float(np.median(busy or counts)) // LEAST)))
    starts = _cuts([(start, held) for start, held, _, _ in every], count)
    spans: list[dict[str, list[Samples]]] = [{} for _ in starts]
    for start, _, name, window in every:
        place = int(np.searchsorted(starts, start, side="right")) - 1
        spans[place].setdefault(name, []).append(samples_of(window))
    return [{name: _joined(parts) for name, parts in span.items()} for span in spans]


def _cuts(held: Sequence[tuple[float, int]], count: int) -> list[float]:
    total, seen = sum(samples for _, samples in held), 0
    starts = [held[0][0]]
    for start, samples in held:
        if seen >= total * len(starts) / count and start > starts[-1] and len(starts) < count:
            starts.append(start)
        seen += samples
    return starts
