"""Stage 3: why it is wrong, where, how much it matters, and what could help."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.model.anomaly import Anomaly, AnomalyType, Severity
from bot.model.base import Value
from bot.model.codebase import CodebaseInfo
from bot.model.telemetry import Failure, RecordedCall


class AnalysisRequest(Value):
    """An accepted request for a diagnosis of the anomaly record `record_id`."""

    request_id: str
    status: Literal["started"] = "started"
    record_id: str
    repository: str
    checkout: str
    good: str = ""
    seed: int = 0
    deadline: float


class Suspect(Value):
    """One place that may be at fault; `score` is between 0 and 1, comparable within one diagnosis."""

    file: str
    function: str
    line: int
    score: float


class Diagnosis(Value):
    """The cause of one anomaly: where it is, the pattern recognised, what that rests on and how sure it is.

    `calls` are recorded; `mended` are those of them that a fix gives another, certain outcome.
    """

    anomaly_id: str
    type: AnomalyType
    file: str = ""
    function: str = ""
    line: int = 0
    pattern: str
    confidence: float
    suspects: tuple[Suspect, ...] = ()
    rests_on: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    failing_tests: tuple[str, ...] = ()
    affected_tests: tuple[str, ...] = ()
    affected_handlers: tuple[str, ...] = ()
    calls: tuple[RecordedCall, ...] = ()
    mended: tuple[RecordedCall, ...] = ()
    details: dict[str, str] = Field(default_factory=dict)


class AssessedDiagnosis(Value):
    """A diagnosis with its weight: how severe, how used, how much work, how much is gained (each 0 to 1)."""

    diagnosis: Diagnosis
    severity: Severity
    impact: float
    effort: float
    benefit: float
    users: tuple[str, ...] = ()


class FixRecommendation(Value):
    """What to try for one cause: strategies in order, for code, tests and docs, with the reason for the order."""

    id: str
    assessed: AssessedDiagnosis
    code: tuple[str, ...] = ()
    test: tuple[str, ...] = ()
    docs: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


class DiagnosisSet(Value):
    """All recommendations of one run, the best cause to start with first, and the anomalies they come from."""

    recommendations: tuple[FixRecommendation, ...]
    anomalies: tuple[Anomaly, ...] = ()
    codebase: CodebaseInfo
    repository: str = ""
    checkout: str = ""
    telemetry_record: str = ""
