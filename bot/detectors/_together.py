"""All findings of one run as one list: each cause once, worst first; what is left out is said with the reason."""

from __future__ import annotations

from collections.abc import Iterable

from bot.detectors._objectives import unreadable
from bot.detectors._seen import Seen
from bot.model import SEVERITIES, Anomaly, TelemetryMetrics
from bot.telemetry.closing import CUT_OFF
from bot.telemetry.words import counted

FEW = 10  # samples under which nothing is said about a handler's speed


def together(every: Iterable[Anomaly]) -> tuple[tuple[Anomaly, ...], tuple[str, ...]]:
    """Return the anomalies, worst, surest and largest first, and what was held back, each with its reason."""
    kept: dict[str, Anomaly] = {}
    suppressed = []
    for anomaly in every:
        if anomaly.id in kept:
            suppressed.append(f"{anomaly.id} {anomaly.type} {anomaly.description}: the same cause is reported already")
        else:
            kept[anomaly.id] = anomaly
    ordered = sorted(kept.values(), key=lambda a: (-SEVERITIES.index(a.severity), -a.confidence, -_tests(a)))
    return tuple(ordered), tuple(suppressed)


def _tests(anomaly: Anomaly) -> int:
    return len({failure.test_id for failure in anomaly.failures if failure.test_id})


def not_checked(seen: Seen) -> tuple[str, ...]:
    """Return what can't be known from the data at hand, one sentence for each."""
    metrics, baseline, said = seen.metrics, seen.baseline, []
    handlers = {name: one for name, one in metrics.handlers.items() if not one.test}
    if handlers and not baseline.handlers:
        said.append("slow-downs against the past: there is no baseline yet")
    few = sum(0 < one.count < FEW for one in handlers.values())
    if few:
        said.append(f"the speed of {counted(few, 'handler')}: fewer than {FEW} executions")
    known = {sequence.id for sequence in seen.declared} | set(baseline.sequences)
    unknown = sorted(name for name in metrics.sequences if name not in known)
    if unknown:
        said.append(f"the order of {', '.join(unknown[:5])}: neither declared nor learned from earlier runs")
    if wrong := unreadable(seen.codebase):
        said.append(f"the objectives, which can't be read: {wrong}")
    return (*said, *_left_out(metrics))


def _left_out(metrics: TelemetryMetrics) -> Iterable[str]:
    for reason, noun in _REASONS.items():
        if count := metrics.dropped.get(reason, 0):
            yield f"{counted(count, noun)}: {reason}"


_REASONS = {
    "bad timestamp": "event",
    "not telemetry": "file",
    "refused": "file",
    "line too long": "line",
    "broken gzip": "file",
    CUT_OFF: "execution",
}
