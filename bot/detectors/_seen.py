"""What a detector looks at, and how it says what it found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.codebase import Codebase, of
from bot.model import Anomaly, AnomalyType, Baseline, Failure, Sequence, Severity, TelemetryMetrics, fingerprint


def _nothing() -> Codebase:
    return of({})


@dataclass(frozen=True)
class Seen:
    """Everything there is to judge by; what is not known is empty."""

    metrics: TelemetryMetrics = field(default_factory=TelemetryMetrics)
    baseline: Baseline = field(default_factory=Baseline)
    declared: tuple[Sequence, ...] = ()
    codebase: Codebase = field(default_factory=_nothing)


@dataclass(frozen=True)
class Finding:
    """One anomaly in the making: `cause` names it for ever, so that the same cause has the same id.

    `metrics` holds what was seen and wanted; `pattern` among them names the kind of cause for the diagnosis.
    """

    type: AnomalyType
    cause: str
    severity: Severity
    description: str
    confidence: float
    handler: str | None = None
    sequence: str | None = None
    metrics: Mapping[str, Any] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()

    def anomaly(self) -> Anomaly:
        """Return the finding as an anomaly."""
        return Anomaly(
            id=fingerprint(self.type, self.cause),
            type=self.type,
            severity=self.severity,
            handler=self.handler,
            sequence=self.sequence,
            description=self.description,
            metrics=dict(self.metrics),
            confidence=round(self.confidence, 3),
            evidence=self.evidence,
            failures=self.failures,
        )


def anomalies(findings: Iterable[Finding]) -> tuple[Anomaly, ...]:
    """Return the findings as anomalies, each cause once, the first one wins."""
    found: dict[str, Anomaly] = {}
    for finding in findings:
        one = finding.anomaly()
        found.setdefault(one.id, one)
    return tuple(found.values())
