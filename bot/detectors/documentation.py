"""Documentation that disagrees with the code: builds that fail, and what the docs say against what is there."""

from __future__ import annotations

from collections.abc import Iterable

from bot.detectors._failures import failure_findings
from bot.detectors._seen import Finding, Seen, anomalies
from bot.model import Anomaly
from bot.registry import detector


@detector(type="documentation")
def detect(seen: Seen) -> tuple[Anomaly, ...]:
    """Return one anomaly for each place where the documentation is wrong."""
    return anomalies(_findings(seen))


def _findings(seen: Seen) -> Iterable[Finding]:
    yield from failure_findings(seen, "documentation")
