"""Executions that went in another order than declared or learned: beats missing, extra, repeated or swapped.

A declared order may mark beats optional or parallel; a failed execution may stop anywhere. Without a declaration, the
orders of earlier healthy runs are taken and the finding is marked as learned. Surges, new and vanished handlers too.
"""

from __future__ import annotations

from bot.detectors._flow import declared_findings, learned_findings
from bot.detectors._seen import Seen, anomalies
from bot.detectors._traffic import traffic_findings
from bot.model import Anomaly
from bot.registry import detector


@detector(type="behavioral")
def detect(seen: Seen) -> tuple[Anomaly, ...]:
    """Return one anomaly for each sequence and kind of departure, and for each handler whose use changed."""
    return anomalies([*declared_findings(seen), *learned_findings(seen), *traffic_findings(seen)])
