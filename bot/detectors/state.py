"""State that changes where it must not: default arguments, class attributes and collections shared by accident."""

from __future__ import annotations

from bot.detectors._mutations import mutations
from bot.detectors._seen import Seen, anomalies
from bot.model import Anomaly
from bot.registry import detector


@detector(type="state")
def detect(seen: Seen) -> tuple[Anomaly, ...]:
    """Return one anomaly for each place where shared state is changed."""
    return anomalies(finding for path in seen.codebase.python_files for finding in mutations(seen.codebase, path))
