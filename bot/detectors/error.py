"""Errors grouped by cause: failing checks of CI runs, and error events of telemetry against their usual rate.

A rate counts as risen when the exact test of two rates gives p < 0.001 and there are at least three errors. With a
past, only causes that are new or lead a rise are reported; without one, all. A test that failed and passed in turns
in earlier runs is called flaky.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.detectors._events import event_findings
from bot.detectors._failures import failure_findings
from bot.detectors._seen import Finding, Seen, anomalies
from bot.model import Anomaly
from bot.registry import detector


@detector(type="error")
def detect(seen: Seen) -> tuple[Anomaly, ...]:
    """Return one anomaly for each cause of error."""
    return anomalies(_findings(seen))


def _findings(seen: Seen) -> Iterable[Finding]:
    yield from failure_findings(seen, "error")
    yield from event_findings(seen)
