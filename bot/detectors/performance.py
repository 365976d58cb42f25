"""Handlers that take too long: against the time declared for them, and against their own past."""

from __future__ import annotations

from collections.abc import Iterable

from bot.detectors._seen import Finding, Seen, anomalies
from bot.model import Anomaly, HandlerMetrics, Severity
from bot.registry import detector

OVER = 1.5  # times the declared time: the rule of the specification
_SCALE: tuple[tuple[float, Severity], ...] = ((3.0, "critical"), (2.0, "high"), (1.5, "medium"))


@detector(type="performance")
def detect(seen: Seen) -> tuple[Anomaly, ...]:
    """Return one anomaly for each handler that is too slow."""
    return anomalies(_declared(seen))


def severity(ratio: float) -> Severity:
    """Return the severity of being `ratio` times slower than wanted: 1.5 medium, 2 high, 3 critical."""
    return next((level for least, level in _SCALE if ratio >= least), "low")


def _declared(seen: Seen) -> Iterable[Finding]:
    for name, handler in seen.metrics.handlers.items():
        if handler.expected_ms and handler.avgTime > OVER * handler.expected_ms:
            yield _over(name, handler, handler.expected_ms)


def _over(name: str, handler: HandlerMetrics, expected: float) -> Finding:
    ratio = handler.avgTime / expected
    return Finding(
        type="performance",
        cause=f"declared:{name}",
        severity=severity(ratio),
        description=f"{name} takes {handler.avgTime:.3g} ms on average, {ratio:.2f} times the {expected:g} ms declared",
        confidence=0.95 if handler.count >= 10 else 0.7,
        handler=name,
        metrics={
            "rule": "declared",
            "ratio": round(ratio, 3),
            "avgTime": handler.avgTime,
            "expected_ms": expected,
            "count": handler.count,
        },
        evidence=(f"{handler.count:,} executions: median {handler.p50:.3g} ms, p95 {handler.p95Time:.3g} ms",),
    )
