"""Stage 7: what a fix was worth, and what that teaches."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.model.base import Value
from bot.model.telemetry import TelemetryMetrics


class TrackRequest(Value):
    """An accepted request to look back at the deployment record `record_id`."""

    request_id: str
    status: Literal["started"] = "started"
    record_id: str
    deadline: float


class AfterMetrics(Value):
    """What was seen after the fix: real runs or telemetry of the window, else `source` is `unknown`."""

    source: Literal["telemetry", "checks", "unknown"]
    metrics: TelemetryMetrics | None = None
    anomaly_seen: bool | None = None
    reason: str = ""


class Comparison(Value):
    """Before and after, name by name; None where one side is missing."""

    before: dict[str, float | None] = Field(default_factory=dict)
    after: dict[str, float | None] = Field(default_factory=dict)
    anomaly_seen_after: bool | None = None


class Improvement(Value):
    """The change per measure as a share of the value before (positive = better)."""

    shares: dict[str, float] = Field(default_factory=dict)
    overall: float | None = None


class Effectiveness(Value):
    """Whether one fix worked: `successful` is None while nothing was measured."""

    fix_id: str
    anomaly_id: str
    anomaly_type: str
    handler: str
    strategy: str
    repository: str
    comparison: Comparison
    improvement: Improvement
    successful: bool | None
    reason: str


class StrategyRecord(Value):
    """Successes and failures of one strategy on one type in one repository."""

    strategy: str
    type: str
    repository: str
    successes: int = 0
    failures: int = 0

    @property
    def weight(self) -> float:
        """Return the mean of a Beta(successes + 1, failures + 1) belief, between 0 and 1."""
        return (self.successes + 1) / (self.successes + self.failures + 2)


class Insight(Value):
    """One sentence learned from the results so far, with the numbers it rests on."""

    text: str
    rests_on: tuple[str, ...] = ()


class Lesson(Value):
    """What is stored at the end: effectiveness, the updated record, and the insights."""

    effectiveness: Effectiveness
    record: StrategyRecord
    insights: tuple[Insight, ...] = ()
