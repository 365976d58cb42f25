"""Errors grouped by cause: failing checks of CI runs, and error events of telemetry against their usual rate.

A rate counts as risen when an exact binomial test against the baseline's rate gives p < 0.001 and there are at
least three errors; the usual rate of a handler never seen before is taken as zero errors in as many calls as were seen.
"""

from __future__ import annotations

from collections.abc import Iterable

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
