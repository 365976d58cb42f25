"""Stage 5: what was run, what came out, and whether a patch is proven."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from bot.model.base import Value
from bot.model.fix import Patch


class ValidationRequest(Value):
    """An accepted request to prove the patches of the record `record_id`."""

    request_id: str
    status: Literal["started"] = "started"
    record_id: str
    subject: str
    deadline: float


class Run(Value):
    """One run as a record: `digest` is the sha256 of its output, `outcomes` the per-test results."""

    command: str
    exit_code: int | None
    seconds: float
    digest: str
    sandbox: str
    outcomes: dict[str, str] = Field(default_factory=dict)


class CheckRecord(Value):
    """One step of the proof, explained: what was seen, what was wanted, why it matters."""

    name: str
    passed: bool
    seen: str
    wanted: str
    why: str = ""
    runs: tuple[Run, ...] = ()


class Trial(Value):
    """One patch under proof: the records so far in order, the steps already taken, and the runs before and after.

    `environment` is the one made from the patch's own metadata, empty where the project's serves.
    """

    patch: Patch
    records: tuple[CheckRecord, ...] = ()
    steps: tuple[str, ...] = ()
    before: tuple[Run, ...] = ()
    after: tuple[Run, ...] = ()
    not_checked: tuple[str, ...] = ()
    environment: str = ""
    facts: dict[str, Any] = Field(default_factory=dict)

    @property
    def refused(self) -> bool:
        """Return whether any record so far is a refusal."""
        return any(not record.passed for record in self.records)


class Trials(Value):
    """The patches of one cause under proof, best first; `baseline` are runs of the unpatched tree, by what they ran."""

    trials: tuple[Trial, ...]
    workspace: str = ""
    baseline: dict[str, Run] = Field(default_factory=dict)


class Evidence(Value):
    """The proof of one patch: runs before and after, and every check with what was seen and wanted."""

    before: tuple[Run, ...] = ()
    after: tuple[Run, ...] = ()
    checks: tuple[CheckRecord, ...] = ()
    not_checked: tuple[str, ...] = ()
    sandbox: str = ""
    facts: dict[str, Any] = Field(default_factory=dict)


class ValidationResult(Value):
    """The verdict on one cause: the first patch that is proven, or why none is.

    An unproven result may carry the patch of a workflow, which only the forge can run: it is offered as a comment.
    """

    id: str
    subject: str
    proven: bool
    patch: Patch | None = None
    evidence: Evidence = Evidence()
    refusals: tuple[str, ...] = ()
    patch_record: str = ""
