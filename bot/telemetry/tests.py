"""Tests that ran as handlers: executions, times and error rates."""

from __future__ import annotations

from collections.abc import Iterable

from bot.logs.ran import Ran
from bot.model import HandlerMetrics, Window
from bot.telemetry.timestamps import iso, utc


def as_handlers(ran: Iterable[Ran]) -> dict[str, HandlerMetrics]:
    """Return each test as a handler: executions, times in milliseconds, error rate."""
    found: dict[str, list[Ran]] = {}
    for one in ran:
        found.setdefault(one.test, []).append(one)
    return {test: _handler(some) for test, some in found.items()}


def _handler(ran: list[Ran]) -> HandlerMetrics:
    import numpy as np

    times = [one.took for one in ran]
    last, failed = max(utc(one.when) or 0.0 for one in ran), sum(one.failed for one in ran)
    p50, p95, p99 = (float(value) for value in np.quantile(times, (0.5, 0.95, 0.99)))
    return HandlerMetrics(
        count=len(ran),
        avgTime=sum(times) / len(times),
        p50=p50,
        p95Time=p95,
        p99Time=p99,
        errorRate=failed / len(ran),
        lastSeen=iso(last) if last else "",
        windows=(Window(start=last, count=len(ran), errors=failed, samples=tuple(times)),),
        test=True,
    )
