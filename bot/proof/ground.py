"""What every step of the proof stands on: the repository before, the sandbox, and where patched trees lie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bot.codebase import Codebase
from bot.errors import Declined
from bot.model import Anomaly, Check, CheckRecord, CheckResult, Diagnosis, Run, Trial
from bot.ports import Clock, Environments, Limits, Progress, Sandbox
from bot.proof.trees import patched

LONGEST = 1800.0
SHORTEST = 30.0


@dataclass(frozen=True)
class Tools:
    """The ports that the proof uses, and `read`, which tells what is wrong with the documentation of a codebase."""

    sandbox: Sandbox
    environments: Environments
    clock: Clock
    progress: Progress
    read: Callable[[Codebase], tuple[Anomaly, ...]] = lambda _: ()


@dataclass
class Ground:
    """The repository before, what may be run, and the runs of the unpatched tree so far (`baseline`, kept by name)."""

    codebase: Codebase
    diagnosis: Diagnosis
    tools: Tools
    workspace: Path
    deadline: float = 0.0
    baseline: dict[str, Run] = field(default_factory=dict)
    made: str = ""

    @property
    def sandbox(self) -> Sandbox:
        """Return the sandbox that all runs go through."""
        return self.tools.sandbox

    @property
    def klass(self) -> str:
        """Return the failure class that the cause is of, '' for a cause that telemetry showed."""
        return self.diagnosis.details.get("class", "")

    @property
    def before(self) -> Path:
        """Return the unpatched tree."""
        return Path(self.codebase.info.tree)

    def after(self, trial: Trial) -> Path:
        """Return the patched tree, written again when a purge took it."""
        return patched(self.before, trial.patch.edits, self.workspace / trial.patch.id)

    def coverage_file(self, trial: Trial) -> Path:
        """Return where the suite's run with the patch leaves its coverage."""
        return self.workspace / f"{trial.patch.id}.coverage.json"

    def environment(self, trial: Trial | None = None) -> Path:
        """Return the environment to run in: the one made for the patch, else the project's.

        Where the project's can't be made, the code before the patch is judged in the one that the patch made possible.
        Raises `Declined` when there is none at all.
        """
        own = (trial.environment if trial else "") or self.codebase.info.environment or self.made
        if not own:
            raise Declined(f"nothing can be run: environment {self.codebase.info.environment_how}")
        return Path(own)

    def limits(self) -> Limits:
        """Return the bounds of one run: the time left, at least half a minute, at most half an hour."""
        left = self.deadline - self.tools.clock.now() if self.deadline else LONGEST
        return Limits(seconds=min(LONGEST, max(SHORTEST, left)))

    def checks(self, *kinds: str) -> tuple[Check, ...]:
        """Return the project's checks of the given kinds, in the order they were found."""
        return tuple(check for check in self.codebase.info.checks if check.kind in kinds)

    def test_check(self) -> Check | None:
        """Return the test command that the cause belongs to, else the project's first, else None."""
        known = [check for check in self.checks("test") if check.runner]
        tool = self.diagnosis.details.get("tool", "")
        first = known[0] if known else None
        return next((check for check in known if tool and tool in {check.runner, check.tool}), first)

    def say(self, text: str) -> None:
        """Tell one line of the story."""
        self.tools.progress.say(text)


@dataclass(frozen=True)
class Found:
    """What one step of the proof adds to a trial."""

    records: tuple[CheckRecord, ...] = ()
    before: tuple[Run, ...] = ()
    after: tuple[Run, ...] = ()
    not_checked: tuple[str, ...] = ()
    environment: str = ""
    facts: dict[str, object] = field(default_factory=dict)

    @property
    def refused(self) -> bool:
        """Return whether any record is a refusal."""
        return any(not record.passed for record in self.records)

    def __add__(self, other: Found) -> Found:
        """Return both together, in order."""
        return Found(
            (*self.records, *other.records),
            (*self.before, *other.before),
            (*self.after, *other.after),
            (*self.not_checked, *other.not_checked),
            other.environment or self.environment,
            {**self.facts, **other.facts},
        )


def run_of(result: CheckResult) -> Run:
    """Return the run of a check as the record that the evidence holds."""
    return Run(
        command=result.command,
        exit_code=result.exit_code,
        seconds=result.seconds,
        digest=result.digest,
        sandbox=result.sandbox,
        outcomes=result.outcomes,
    )
