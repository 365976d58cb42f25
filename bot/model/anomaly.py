"""Stage 2: what is wrong, and what it was compared with."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from bot.model.base import Value
from bot.model.telemetry import Failure, HandlerMetrics, RecordedCall, SequenceMetrics

AnomalyType = Literal["performance", "behavioral", "coverage", "error", "state", "dependency", "documentation"]
Severity = Literal["low", "medium", "high", "critical"]
SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high", "critical")


class DetectionRequest(Value):
    """An accepted request for detection on the telemetry record `record_id`; `good` is the last good commit if told."""

    request_id: str
    status: Literal["started"] = "started"
    record_id: str
    repository: str
    checkout: str = ""
    baseline: str = ""
    sequences: str = ""
    good: str = ""
    deadline: float


class Baseline(Value):
    """What is normal here: earlier metrics, each with the same keys; empty when nothing is known.

    `calls` are recorded ones, at most ten of each handler.
    """

    handlers: dict[str, tuple[HandlerMetrics, ...]] = Field(default_factory=dict)
    sequences: dict[str, SequenceMetrics] = Field(default_factory=dict)
    known_causes: tuple[str, ...] = ()
    coverage: dict[str, float] = Field(default_factory=dict)
    calls: tuple[RecordedCall, ...] = ()
    windows: int = 0


class Anomaly(Value):
    """One finding; `id` is a fingerprint (same cause, same id), `metrics` what was seen and wanted."""

    id: str
    type: AnomalyType
    severity: Severity
    handler: str | None = None
    sequence: str | None = None
    description: str
    metrics: dict[str, Any] = Field(default_factory=dict)
    confidence: float
    evidence: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()


class AnomalySet(Value):
    """All findings of one run, worst first, with what was held back and what could not be checked."""

    all_anomalies: tuple[Anomaly, ...]
    total_count: int
    suppressed: tuple[str, ...] = ()
    not_checked: tuple[str, ...] = ()
    telemetry_record: str = ""
    repository: str = ""
    checkout: str = ""
