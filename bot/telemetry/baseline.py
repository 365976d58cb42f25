"""What is normal here, from earlier metrics or from a file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from bot.errors import Misconfigured
from bot.model import Baseline, HandlerMetrics, RecordedCall, Sequence, SequenceMetrics, TelemetryMetrics
from bot.telemetry.causes import key_of
from bot.telemetry.pipeline import metrics_of

CALLS = 10  # recorded calls kept of each handler


def baseline_of(earlier: Iterable[TelemetryMetrics]) -> Baseline:
    """Return what earlier metrics, newest first, have in common by handler, sequence and known cause."""
    handlers: dict[str, list[HandlerMetrics]] = {}
    sequences: dict[str, SequenceMetrics] = {}
    causes: dict[str, None] = {}
    coverage: dict[str, float] = {}
    calls: dict[str, list[RecordedCall]] = {}
    count = 0
    for metrics in earlier:
        count += 1
        coverage = coverage or metrics.coverage
        for call in metrics.calls:
            calls.setdefault(call.handler, []).append(call)
        for name, found in metrics.handlers.items():
            handlers.setdefault(name, []).append(found)
        for name, seen in metrics.sequences.items():
            sequences[name] = _both(sequences[name], seen) if name in sequences else seen
        keys = [f.cause_key or key_of(f.exception or f.klass, f.message) for f in metrics.failures]
        causes.update(dict.fromkeys([*keys, *(error.cause_key for error in metrics.errors)]))
    return Baseline(
        handlers={name: tuple(found) for name, found in handlers.items()},
        sequences=sequences,
        known_causes=tuple(causes),
        coverage=coverage,
        calls=tuple(call for found in calls.values() for call in found[:CALLS]),
        windows=count,
    )


def baseline_file(path: Path, declared: tuple[Sequence, ...]) -> Baseline:
    """Return the baseline in a file: metrics as `selfheal telemetry --json` writes them, or raw events.

    Raises `Misconfigured` when the file is missing or is neither.
    """
    if not path.exists():
        raise Misconfigured(f"{path}: there is no such baseline", hint="Make one with `selfheal telemetry --json`.")
    try:
        return baseline_of([TelemetryMetrics.model_validate_json(path.read_bytes())])
    except (ValidationError, OSError):
        metrics = metrics_of([path], declared)
    if not metrics.event_count:
        raise Misconfigured(
            f"{path}: it holds neither metrics nor events",
            hint="Give the JSON of `selfheal telemetry --json`, or the events themselves.",
        )
    return baseline_of([metrics])


def _both(newer: SequenceMetrics, older: SequenceMetrics) -> SequenceMetrics:
    count = newer.count + older.count
    orders = dict(newer.orders)
    for order, times in older.orders:
        orders[order] = orders.get(order, 0) + times
    ranked = tuple(sorted(orders.items(), key=lambda item: (-item[1], item[0])))
    share = newer.count / count if count else 1.0
    return newer.model_copy(
        update={
            "count": count,
            "avgTime": newer.avgTime * share + older.avgTime * (1 - share),
            "errorRate": newer.errorRate * share + older.errorRate * (1 - share),
            "orders": ranked,
            "beats": ranked[0][0] if ranked else (),
        }
    )
