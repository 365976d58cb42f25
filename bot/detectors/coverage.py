"""Code that is used and not tested: coverage checks that fail, and handlers with traffic that no test reaches."""

from __future__ import annotations

from collections.abc import Iterable

from bot.detectors._failures import failure_findings
from bot.detectors._seen import Finding, Seen, anomalies
from bot.model import Anomaly
from bot.registry import detector


@detector(type="coverage")
def detect(seen: Seen) -> tuple[Anomaly, ...]:
    """Return one anomaly for each gap in the tests."""
    return anomalies(_findings(seen))


def _findings(seen: Seen) -> Iterable[Finding]:
    yield from failure_findings(seen, "coverage")
