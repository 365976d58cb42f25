"""What one healing is asked for, what it sees at each look, and what it reports."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from bot.model import (
    Anomaly,
    Check,
    Diagnosis,
    DiagnosisSet,
    FixRecommendation,
    Start,
    TelemetryMetrics,
    ValidationResult,
)
from bot.proof.documents import TEXTS

Status = Literal["healed", "partly", "unhealed", "error", "healthy"]


@dataclass(frozen=True)
class Wish:
    """What is asked of one healing: the checkout, what to read, and the bounds."""

    id: str
    checkout: Path
    repository: str
    logs: tuple[str, ...] = ()
    telemetry: tuple[str, ...] = ()
    baseline: str = ""
    sequences: str = ""
    good: str = ""
    seed: int = 0
    budget_seconds: float = 300.0


@dataclass(frozen=True)
class Fixed:
    """One cause that was worked on: the recommendation, and what the proof said (None when there was no patch)."""

    recommendation: FixRecommendation
    anomaly: Anomaly | None
    result: ValidationResult | None
    record_id: str = ""
    reason: str = ""

    @property
    def guessed(self) -> bool:
        """Return whether it is proven and yet no more than one of several ways to pass the tests."""
        patch = self.result.patch if self.result is not None and self.result.proven else None
        return patch is not None and patch.abstained

    @property
    def healed(self) -> frozenset[str]:
        """Return the tests that failed and pass with the proven patch, as the run of the whole suite showed."""
        proven = self.result if self.result is not None and self.result.proven else None
        return frozenset(proven.evidence.facts.get("healed", ()) if proven else ())

    @property
    def clean(self) -> frozenset[str]:
        """Return the names of the checks that had nothing to say with the proven patch."""
        proven = self.result if self.result is not None and self.result.proven else None
        records = proven.evidence.checks if proven else ()
        return frozenset(one.name for one in records if one.passed and one.runs and one.runs[-1].exit_code == 0)

    def ran_clean(self, checks: tuple[Check, ...], *, pages: bool) -> bool:
        """Return whether the proof ran every one of the checks, the whole suite too, and none had anything to say.

        Documentation is built again only where it did not build (`pages`), or where the patch changes a page.
        """
        patch = self.result.patch if self.result else None
        built = pages or any(path.endswith(TEXTS) for path in (patch.files if patch else ()))
        suites = [check for check in checks if check.kind == "test"]
        others = {check.name for check in checks if check.kind not in ("test", *(() if built else ("docs",)))}
        return len(suites) == 1 and others | {"whole suite"} <= self.clean


@dataclass
class Report:
    """What one healing found and did; `patch` is the whole `git apply -p1` diff against the tree as found."""

    status: Status = "unhealed"
    anomalies: list[Anomaly] = field(default_factory=list)
    diagnoses: list[Diagnosis] = field(default_factory=list)
    fixes: list[Fixed] = field(default_factory=list)
    remaining: list[Anomaly] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)
    patch: str = ""
    checks: tuple[str, ...] = ()
    edits: dict[str, str | None] = field(default_factory=dict)

    @property
    def proven(self) -> list[Fixed]:
        """Return the fixes that are proven, in the order they were found."""
        return [one for one in self.fixes if one.result is not None and one.result.proven]

    @property
    def deliverable(self) -> list[Fixed]:
        """Return the proven fixes, and last those that only the forge can prove: patches of workflows."""
        offered = [one for one in self.fixes if one.result is not None and not one.result.proven and one.result.patch]
        return [*self.proven, *offered]


@dataclass(frozen=True)
class Seen:
    """One look at the tree: what the checks or logs said, the causes behind it, and in `over` why there is no more."""

    metrics: TelemetryMetrics
    anomalies: tuple[Anomaly, ...] = ()
    diagnosis: DiagnosisSet | None = None
    starts: tuple[Start, ...] = ()
    over: str = ""

    def recommendation(self, subject: str) -> FixRecommendation | None:
        """Return the recommendation with an id, or None."""
        found = self.diagnosis.recommendations if self.diagnosis else ()
        return next((one for one in found if one.id == subject), None)
