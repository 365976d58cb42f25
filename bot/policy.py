"""What a repository allows: `.github/selfheal.yml`, read from the base branch only.

No file means the defaults below. A file with an unknown key or a wrong value is broken, and broken means `observe`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Annotated, Any, Literal, get_args

from pydantic import AwareDatetime, Field, StrictBool, StrictInt, ValidationError, model_validator

from bot.errors import Misconfigured
from bot.globs import any_match
from bot.model import AnomalyType, Trust, Value
from bot.policy_text import Document, Problem, read

FILE = ".github/selfheal.yml"
SHARED_REPOSITORY = ".github"
SHARED_FILE = f"the organisation's {FILE}"
Mode = Literal["observe", "propose", "auto"]
MODES: tuple[Mode, ...] = ("observe", "propose", "auto")
Count = Annotated[StrictInt, Field(ge=0)]
Pattern = Annotated[str, Field(min_length=1, max_length=500)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


Permission = Literal["read", "triage", "write", "maintain", "admin"]
PERMISSIONS = ("none", *get_args(Permission))


class ModeRule(Value):
    """A mode for one anomaly type (any when left out) and the paths it touches (all when left out)."""

    type: AnomalyType | None = None
    paths: tuple[Pattern, ...] = ("**",)
    mode: Mode


class MergePolicy(Value):
    """How to merge; `settle_seconds` is the quiet time wanted after the last check."""

    method: Literal["squash", "merge", "rebase"] = "squash"
    settle_seconds: Count = 30
    delete_branch: StrictBool = True


class ApprovalPolicy(Value):
    """How many people must approve, who may, with which permission, and whether the owners of the paths must."""

    count: Count = 1
    users: tuple[Name, ...] = ()
    teams: tuple[Name, ...] = ()
    permission: Permission = "write"
    code_owners: StrictBool = False


class CheckPolicy(Value):
    """Which checks must be there, which conclusions pass, and what it means that there is no check at all."""

    required: tuple[Name, ...] = ()
    pass_: tuple[
        Literal["success", "neutral", "skipped", "cancelled", "timed_out", "action_required", "stale", "failure"], ...
    ] = Field(default=("success", "neutral", "skipped"), alias="pass", min_length=1)
    none: Literal["block", "pass"] = "block"


class PathPolicy(Value):
    """Which paths a fix may touch; a path denied is denied, whatever else allows it."""

    allow: tuple[Pattern, ...] = ("**",)
    deny: tuple[Pattern, ...] = ()


class LimitPolicy(Value):
    """The budgets: size of one fix, pull requests open and opened, CI minutes a day, attempts per cause."""

    files: Count = 10
    lines: Count = 300
    open: Count = 5
    per_day: Count = 10
    per_hour: Count = 3
    ci_minutes: Count = 600
    attempts: Count = 2


class LabelPolicy(Value):
    """Labels that must be there, and labels that stop a merge."""

    require: tuple[Name, ...] = ()
    block: tuple[Name, ...] = ("do-not-merge",)


class Freeze(Value):
    """A span of time, in UTC or with an offset, in which nothing is merged."""

    from_: AwareDatetime = Field(alias="from")
    to: AwareDatetime

    @model_validator(mode="after")
    def _in_order(self) -> Freeze:
        if self.to <= self.from_:
            raise ValueError("`to` must be later than `from`")
        return self


class StrategyPolicy(Value):
    """Strategies that are not used here."""

    off: tuple[Name, ...] = ()


class DeployPolicy(Value):
    """What follows a merge, and for how long the result is watched."""

    kind: Literal["none", "deployment", "workflow"] = "none"
    environment: Name = "production"
    workflow: str = ""
    watch_minutes: Count = 60

    @model_validator(mode="after")
    def _names_a_workflow(self) -> DeployPolicy:
        if self.kind == "workflow" and not self.workflow:
            raise ValueError("`kind: workflow` needs `workflow`, the name of its file")
        return self


class TelemetryPolicy(Value):
    """Which services report telemetry for this repository, and where its sequence files lie."""

    services: tuple[Name, ...] = ()
    sequences: str = "sequences/"


class RepoPolicy(Value):
    """All that a repository allows; without a file, these defaults."""

    version: Literal[1] = 1
    mode: Mode = "propose"
    modes: tuple[ModeRule, ...] = ()
    merge: MergePolicy = MergePolicy()
    approvals: ApprovalPolicy = ApprovalPolicy()
    checks: CheckPolicy = CheckPolicy()
    paths: PathPolicy = PathPolicy()
    limits: LimitPolicy = LimitPolicy()
    confidence: float = Field(default=0.6, ge=0.0, le=1.0, strict=True)
    trust: Trust = "auto"
    tests: Literal["required", "optional"] = "required"
    min_age_minutes: Count = 0
    labels: LabelPolicy = LabelPolicy()
    freeze: tuple[Freeze, ...] = ()
    strategies: StrategyPolicy = StrategyPolicy()
    deploy: DeployPolicy = DeployPolicy()
    telemetry: TelemetryPolicy = TelemetryPolicy()


def broken() -> RepoPolicy:
    """Return the policy that holds while the file is broken: look, report, change nothing."""
    return RepoPolicy(mode="observe")


def problems(text: str, *, defaults: str = "") -> tuple[Problem, ...]:
    """Return everything wrong with a policy file, each with its line and key; empty when it is fine.

    `defaults` is the text of the organisation's file, which the repository's file overrides key by key; what is wrong
    there is wrong here too, and says so.
    """
    return _checked(text, defaults)[1]


def load(text: str, *, name: str = FILE, defaults: str = "") -> RepoPolicy:
    """Return the policy of a file's text; an empty text gives the defaults.

    Raises `Misconfigured` naming file, line and key of everything that is wrong.
    """
    policy, found = _checked(text, defaults)
    if policy is None:
        lines = "\n".join(f"{problem.file or name}:{problem.line}: {problem.text}" for problem in found)
        raise Misconfigured(lines, hint="Until it is corrected, the mode is `observe`: nothing is proposed or merged.")
    return policy


def schema() -> dict[str, Any]:
    """Return the JSON schema of the policy file, with the keys as they are written there."""
    made = RepoPolicy.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": FILE, **made}


def _checked(text: str, defaults: str) -> tuple[RepoPolicy | None, tuple[Problem, ...]]:
    own, shared = read(text), read(defaults)
    inherited = shared.problems or _validated(shared.data, shared)[1]
    found, wrong = _validated(_over({} if inherited else shared.data, own.data), own)
    wrong = (*(own.problems or wrong), *(replace(each, file=SHARED_FILE) for each in inherited))
    return (None, wrong) if wrong else (found, ())


def _validated(data: dict[str, Any], document: Document) -> tuple[RepoPolicy | None, tuple[Problem, ...]]:
    try:
        return RepoPolicy.model_validate(data), ()
    except ValidationError as error:
        found = (document.problem(each, _keys()) for each in error.errors())
        return None, tuple(sorted(found, key=lambda problem: problem.line))


@cache
def _keys() -> tuple[str, ...]:
    made = schema()
    parts = (made, *made["$defs"].values())
    return tuple(sorted({key for part in parts for key in part.get("properties", {})}))


def _over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        lower = merged.get(key)
        merged[key] = _over(lower, value) if isinstance(lower, dict) and isinstance(value, dict) else value
    return merged


def mode_of(policy: RepoPolicy, type_: str, files: tuple[str, ...]) -> Mode:
    """Return the mode for a fix of an anomaly type that touches `files`: the most careful one over all of them."""
    return min((_mode_of_file(policy, type_, file) for file in files or ("",)), key=MODES.index)


def only_observes(policy: RepoPolicy) -> bool:
    """Return whether no anomaly type and no path is allowed more than to be looked at."""
    return all(mode == "observe" for mode in (policy.mode, *(rule.mode for rule in policy.modes)))


def may(permission: str, wanted: str) -> bool:
    """Return whether a permission is at least the wanted one; one that we do not know is none."""
    rank = PERMISSIONS.index(permission) if permission in PERMISSIONS else 0
    return rank >= PERMISSIONS.index(wanted)


def _mode_of_file(policy: RepoPolicy, type_: str, file: str) -> Mode:
    fitting = [rule.mode for rule in policy.modes if rule.type in (None, type_) and any_match(rule.paths, file)]
    return min(fitting, key=MODES.index) if fitting else policy.mode
