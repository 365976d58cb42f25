"""Recorded calls handed on with anomalies, from which a repair can be measured and a test can be written."""

from __future__ import annotations

from collections.abc import Iterable

from bot.model import Anomaly, RecordedCall, TelemetryMetrics

MOST = 10
_TYPES = frozenset({"performance", "behavioral", "state"})


def with_calls(anomalies: Iterable[Anomaly], metrics: TelemetryMetrics) -> tuple[Anomaly, ...]:
    """Return the anomalies; one about handlers carries their recorded calls, at most ten of each, as `calls`."""
    by_handler: dict[str, list[RecordedCall]] = {}
    for call in metrics.calls:
        by_handler.setdefault(call.handler, []).append(call)
    return tuple(_with(anomaly, by_handler) for anomaly in anomalies)


def _with(anomaly: Anomaly, by_handler: dict[str, list[RecordedCall]]) -> Anomaly:
    if anomaly.type not in _TYPES or "calls" in anomaly.metrics:
        return anomaly
    # An order is the work of a function around the handlers, whose own calls may be recorded under any name.
    named = list(by_handler) if anomaly.type == "behavioral" else [anomaly.handler or ""]
    calls = [call.model_dump() for name in named for call in by_handler.get(name, ())[:MOST]]
    return anomaly.model_copy(update={"metrics": {**anomaly.metrics, "calls": calls}}) if calls else anomaly
