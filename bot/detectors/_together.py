"""All findings of one run as one list: each cause once, worst first; what is left out is said with the reason."""

from __future__ import annotations

from collections.abc import Iterable

from bot.model import SEVERITIES, Anomaly, Baseline, TelemetryMetrics

FEW = 10  # samples under which nothing is said about a handler's speed


def together(every: Iterable[Anomaly]) -> tuple[tuple[Anomaly, ...], tuple[str, ...]]:
    """Return the anomalies sorted by severity and confidence, and what was held back, each with its reason."""
    kept: dict[str, Anomaly] = {}
    suppressed = []
    for anomaly in every:
        if anomaly.id in kept:
            suppressed.append(f"{anomaly.id} {anomaly.type} {anomaly.description}: the same cause is reported already")
        else:
            kept[anomaly.id] = anomaly
    ordered = sorted(kept.values(), key=lambda a: (-SEVERITIES.index(a.severity), -a.confidence))
    return tuple(ordered), tuple(suppressed)


def not_checked(metrics: TelemetryMetrics, baseline: Baseline) -> tuple[str, ...]:
    """Return what can't be known from the data at hand, one sentence for each."""
    said = []
    if metrics.handlers and not baseline.handlers:
        said.append("slow-downs against the past: there is no baseline yet")
    few = sum(0 < handler.count < FEW for handler in metrics.handlers.values())
    if few:
        said.append(f"the speed of {few:,} handler{'s' * (few != 1)}: fewer than {FEW} executions")
    bad = metrics.dropped.get("bad timestamp", 0)
    if bad:
        said.append(f"{bad:,} events without a time that can be read")
    return tuple(said)
