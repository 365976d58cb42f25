"""Sums into the metrics that detection reads: quantiles, rates, orders; distributions stay, by span of time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bot.model import (
    ErrorCount,
    HandlerMetrics,
    Sequence,
    SequenceMetrics,
    TelemetryMetrics,
    Window,
)
from bot.telemetry import sketch
from bot.telemetry.closing import settled
from bot.telemetry.partials import EXACT, HandlerPart, Part, Partial, SequencePart
from bot.telemetry.times import Times
from bot.telemetry.timestamps import iso

MANY, FEW = 200_000, 100  # durations in all, beyond which a window keeps only so many of its own as they are


def summarised(partial: Partial, declared: Mapping[str, Sequence]) -> TelemetryMetrics:
    """Return the metrics of what was seen, all parts added; `declared` gives the expected times, in milliseconds."""
    settled(partial, declared)
    timed = sum(each.timed for part in partial.handlers.values() for each in part.parts.values())
    most = EXACT if timed <= MANY else FEW
    expected = {b.handler: b.expected_ms for s in declared.values() for b in s.beats if b.expected_ms is not None}
    handlers = {
        name: _handler(part, expected.get(name), most) for name, part in sorted(partial.handlers.items()) if part.last
    }
    return TelemetryMetrics(
        handlers={name: found for name, found in handlers.items() if found.count},
        sequences={name: _sequence(part) for name, part in sorted(partial.sequences.items())},
        errors=_errors(partial),
        calls=tuple(call for _, calls in sorted(partial.calls.items()) for call in calls),
        changes=tuple(change for _, change in sorted(partial.changes.items())),
        event_count=partial.events,
        dropped=dict(sorted(partial.dropped.items())),
    )


def quantiles(parts: list[Part], shares: tuple[float, ...]) -> tuple[float, ...]:
    """Return quantiles over several parts: exact while all samples are, else within 1 %; zeros when there is none."""
    if any(part.buckets for part in parts):
        counts = sketch.merged([each for part in parts for each in (part.buckets, sketch.buckets(part.samples))])
        return tuple(sketch.quantile(counts, share) for share in shares)
    samples = np.concatenate([np.frombuffer(part.samples) for part in parts if part.samples] or [np.zeros(1)])
    return tuple(float(value) for value in np.quantile(samples, shares))


def _handler(part: HandlerPart, expected: float | None, most: int) -> HandlerMetrics:
    parts = [part.parts[key] for key in sorted(part.parts)]
    count, timed = sum(each.count for each in parts), sum(each.timed for each in parts)
    p50, p95, p99 = quantiles(parts, (0.5, 0.95, 0.99))
    return HandlerMetrics(
        count=count,
        avgTime=sum(each.total_ms for each in parts) / timed if timed else 0.0,
        p50=p50,
        p95Time=p95,
        p99Time=p99,
        errorRate=sum(each.errors for each in parts) / count if count else 0.0,
        lastSeen=iso(Times().seconds(part.last)),
        expected_ms=expected,
        windows=tuple(_window(key * part.width, part.width, part.parts[key], most) for key in sorted(part.parts)),
    )


def _window(start: float, width: float, part: Part, most: int) -> Window:
    part.settle(most)
    part.buckets = dict(sorted(part.buckets.items()))
    samples = tuple(sorted(part.samples))
    # Not validated: that would copy the buckets, of which there may be tens of megabytes.
    return Window.model_construct(
        start=start, seconds=width, count=part.count, errors=part.errors, samples=samples, buckets=part.buckets
    )


def _sequence(part: SequencePart) -> SequenceMetrics:
    orders = tuple(sorted(part.orders.items(), key=lambda item: (-item[1], item[0])))
    return SequenceMetrics(
        count=part.count,
        avgTime=part.total_ms / part.count if part.count else 0.0,
        beats=orders[0][0] if orders else (),
        errorRate=part.failed / part.count if part.count else 0.0,
        violations=part.violations,
        orders=orders,
        examples=tuple(part.examples),
    )


def _errors(partial: Partial) -> tuple[ErrorCount, ...]:
    found = [
        ErrorCount(
            cause_key=key,
            handler=handler,
            exception=part.exception,
            message=part.message,
            count=part.count,
            first=part.first,
            last=part.last,
            example=part.example,
        )
        for (key, handler), part in partial.errors.items()
    ]
    return tuple(sorted(found, key=lambda error: (-error.count, error.cause_key, error.handler)))
