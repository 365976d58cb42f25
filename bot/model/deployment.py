"""Stage 6: the decision, the pull request, and what became of it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.model.anomaly import Anomaly
from bot.model.base import Value
from bot.model.diagnosis import Diagnosis
from bot.model.fix import Patch

DeploymentState = Literal["branch", "open", "waiting", "merged", "deployed", "verified", "failed", "closed", "reverted"]


class DeployRequest(Value):
    """An accepted request to deliver the proven fix of the record `record_id`."""

    request_id: str
    status: Literal["started"] = "started"
    record_id: str
    subject: str
    deadline: float


class RuleResult(Value):
    """The answer of one approval rule: what was seen, what is wanted, who can unblock it."""

    rule: str
    allows: bool
    stage: Literal["open", "merge"]
    seen: str
    wanted: str
    unblock: str = ""


class Decision(Value):
    """All rules together; deny wins. `blocking` holds the answers that say no."""

    may_open: bool
    may_merge: bool
    blocking: tuple[RuleResult, ...] = ()
    results: tuple[RuleResult, ...] = ()


class Approval(Value):
    """One person's approval of one head commit."""

    user: str
    sha: str
    permission: str = "write"
    state: Literal["approved", "changes_requested", "commented"] = "approved"
    teams: tuple[str, ...] = ()


class Annotation(Value):
    """A remark on one line of a file (from 1), as plain text; the title tells it from others on that line."""

    path: str
    line: int = 1
    title: str
    message: str
    level: Literal["notice", "warning", "failure"] = "notice"


class CheckState(Value):
    """One check run or commit status of a head commit; `own` marks our own, which proves nothing.

    `annotations` are what a check of ours remarks on lines; they are only written, never read back.
    """

    name: str
    status: Literal["queued", "in_progress", "completed"]
    conclusion: str = ""
    url: str = ""
    completed_at: float = 0.0
    own: bool = False
    annotations: tuple[Annotation, ...] = ()


class PullRequest(Value):
    """A pull request as it stands on the forge."""

    number: int
    branch: str
    base: str
    head_sha: str
    state: Literal["open", "closed", "merged"] = "open"
    url: str = ""
    mergeable: bool | None = None
    labels: tuple[str, ...] = ()
    opened_at: float = 0.0
    closed_by_person: bool = False
    taken_over: bool = False


class PullRequestFacts(Value):
    """All that the approval rules look at, read once; rules see nothing else.

    `fingerprint` names the cause, `evidence` what it was seen by; `owners_by_path` holds the code owners of each
    touched path, `base_touched` the touched paths that changed on the base since the branch left it; `spent_branches`
    were used by earlier pull requests for this cause, `attempts` counts those that did not help. `view` is the picture
    that belongs to the anomaly's type, as Markdown; no rule looks at it.
    """

    patch: Patch
    proven: bool
    repository: str = ""
    fingerprint: str = ""
    handler: str = ""
    evidence: str = ""
    proof: str = ""
    diagnosis: Diagnosis | None = None
    anomaly: Anomaly | None = None
    view: str = ""
    spent_branches: tuple[str, ...] = ()
    base_touched: tuple[str, ...] = ()
    owners_by_path: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    pull_request: PullRequest | None = None
    approvals: tuple[Approval, ...] = ()
    checks: tuple[CheckState, ...] = ()
    required_checks: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    open_count: int = 0
    opened_last_day: int = 0
    opened_last_hour: int = 0
    attempts: int = 0
    ci_minutes: float = 0.0
    adds_tests: bool = False
    existing_test_proves: bool = False
    now: float = 0.0
    policy_broken: str = ""


class Branch(Value):
    """A branch of ours and the commit it points at."""

    name: str
    base: str
    base_sha: str
    head_sha: str
    adopted: bool = False


class CheckSummary(Value):
    """The check runs of one head commit, read afresh: `settled` when none is still running."""

    head_sha: str
    checks: tuple[CheckState, ...] = ()
    settled: bool = False
    green: bool = False
    missing: tuple[str, ...] = ()


class Merge(Value):
    """What the merge came to: `sha` is the commit on the base branch."""

    merged: bool
    sha: str = ""
    method: str = ""
    reason: str = ""
    at: float = 0.0


class Rollout(Value):
    """A deployment asked of the forge, or the reason there is none."""

    kind: Literal["none", "deployment", "workflow"] = "none"
    id: str = ""
    state: str = ""
    reason: str = ""


class Deployment(Value):
    """The story of one delivered fix, as stored."""

    id: str
    subject: str
    anomaly_id: str
    repository: str
    strategy: str
    type: str
    state: DeploymentState
    branch: str = ""
    pull_request: PullRequest | None = None
    merge: Merge | None = None
    rollout: Rollout = Rollout()
    verified: Literal["healthy", "regressed", "unknown"] = "unknown"
    decision: Decision | None = None
    merged_at: float = 0.0
    validation_record: str = ""
    facts: dict[str, str] = Field(default_factory=dict)


class Delivery(Value):
    """A proven fix handed to a local forge, so that `approve` can go on with it."""

    validation_record: str
    subject: str
    repository: str
    checkout: str
    forge: str
