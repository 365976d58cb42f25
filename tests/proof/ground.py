"""A small real repository with its cause and patches, proven by the real stage in the real sandbox."""

from __future__ import annotations

import atexit
import shutil
import sysconfig
import tempfile
import venv
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from bot.adapters.clock import SystemClock
from bot.adapters.memory import MemoryStore
from bot.adapters.sandbox import pick
from bot.codebase import Codebase
from bot.codebase.changes import diff
from bot.model import (
    AssessedDiagnosis,
    Check,
    CodebaseInfo,
    DiagnosisSet,
    FileEdit,
    FixRecommendation,
    Patch,
    PatchSet,
    Trial,
    Trials,
    ValidationResult,
)
from bot.policy import RepoPolicy
from bot.ports import Environment, Environments
from bot.proof.ground import Found, Ground, Tools
from bot.stages import validation
from tests import make

PYTEST = Check(name="pytest", kind="test", tool="pytest", argv=("python", "-m", "pytest", "-q"), runner="pytest")
SANDBOX = pick()
LEAN = ("pytest", "_pytest", "py.py", "pluggy", "iniconfig", "packaging", "pygments", "coverage")


@cache
def lean() -> Path:
    """Return an environment that holds pytest and nothing that would only cost time; it goes with the process."""
    made = tempfile.TemporaryDirectory(prefix="selfheal-tests-", ignore_cleanup_errors=True)
    atexit.register(made.cleanup)
    folder = Path(made.name) / "environment"
    venv.create(folder, with_pip=False, symlinks=True)
    source = Path(sysconfig.get_path("purelib"))
    target = next(folder.glob("lib/python*/site-packages"))
    for found in (found for name in LEAN for found in (source / name, *source.glob(f"{name}-*"))):
        (shutil.copytree if found.is_dir() else shutil.copy2)(found, target / found.name)
    return folder


@cache
def bare() -> Path:
    """Return an environment that holds nothing; it goes with the process."""
    made = tempfile.TemporaryDirectory(prefix="selfheal-tests-", ignore_cleanup_errors=True)
    atexit.register(made.cleanup)
    venv.create(Path(made.name) / "environment", with_pip=False, symlinks=True)
    return Path(made.name) / "environment"


class Quiet:
    """Listens to the story and keeps it."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        self.lines.append(text)

    def advance(self, task: str, done: int, total: int | None = None) -> None:
        self.lines.append(task)


class Fixed:
    """Hands out the environment of these tests, whatever is asked."""

    def prepare(
        self, tree: Path, needs: tuple[str, ...], *, original: Path | None = None, fresh: bool = False
    ) -> Environment:
        return Environment(lean(), "the tests' own", "3.11", {"pytest": "8"})


@dataclass
class Case:
    """A repository, what fails in it, and the patches offered; `prove` runs beats 1 to 10."""

    folder: Path
    files: dict[str, str]
    patches: list[dict[str, str | None]]
    failing: tuple[str, ...] = ("tests/test_a.py::test_x",)
    checks: tuple[Check, ...] = (PYTEST,)
    diagnosis: dict[str, object] = field(default_factory=dict)
    info: dict[str, object] = field(default_factory=dict)
    patch: dict[str, object] = field(default_factory=dict)
    environments: Environments = field(default_factory=Fixed)
    policy: RepoPolicy = field(default_factory=RepoPolicy)
    trials: Trials | None = None

    def __post_init__(self) -> None:
        tree = self.folder / "tree"
        for path, text in self.files.items():
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / path).write_text(text, encoding="utf-8")
        fields = {"repository": "o/n", "checkout": str(tree), "tree": str(tree), "digest": "d" * 64}
        more = {"environment": str(lean()), "checks": self.checks, "packages": {"pytest": "8"}}
        self.codebase = Codebase(CodebaseInfo(**{**fields, **more, **self.info}))
        self.cause = make.diagnosis(**{"failing_tests": self.failing, **self.diagnosis})
        self.store = MemoryStore()
        self.story = Quiet()
        self.tools = {
            "environments": self.environments,
            "sandbox": SANDBOX,
            "clock": SystemClock(),
            "progress": self.story,
        }

    def recommendation(self) -> FixRecommendation:
        assessed = AssessedDiagnosis(diagnosis=self.cause, severity="high", impact=1.0, effort=0.1, benefit=1.0)
        return FixRecommendation(id="cause", assessed=assessed)

    def offered(self) -> tuple[Patch, ...]:
        return tuple(self._patch(number, edits) for number, edits in enumerate(self.patches))

    def _patch(self, number: int, edits: dict[str, str | None]) -> Patch:
        before = {path: self.files.get(path) for path in edits}
        return make.patch(
            **{
                "id": f"p{number}",
                "type": self.cause.type,
                "edits": tuple(FileEdit(path=path, text=text) for path, text in edits.items()),
                "files": tuple(edits),
                "kinds": dict.fromkeys(edits, "code"),
                "diff": diff(before, edits),
                **self.patch,
            }
        )

    def ground(self) -> Ground:
        """Return the ground of a single step."""
        folder = self.folder / "workspace"
        folder.mkdir(exist_ok=True)
        return Ground(self.codebase, self.cause, Tools(**self.tools), folder)

    def trial(self, number: int = 0) -> Trial:
        """Return one patch as a trial without any record."""
        return Trial(patch=self.offered()[number])

    def prove(self) -> ValidationResult:
        """Return the verdict of the ten handlers, run in order with a real store and sandbox."""
        diagnosis = DiagnosisSet(recommendations=(self.recommendation(),), codebase=self.codebase.info)
        kept = self.store.save(diagnosis, kind="diagnosis")
        patches = PatchSet(subject="cause", patches=self.offered(), diagnosis_record=kept)
        request = validation.validate_requested(
            make.request(record_id=self.store.save(patches, kind="patches"), deadline=0.0), None
        )
        patches, recommendation, codebase = validation.load_patch(request, self.store)
        trials = validation.apply_patch(patches, recommendation, codebase, self.policy, self.store)
        for beat in (
            validation.run_tests,
            validation.check_coverage,
            validation.verify_performance,
            validation.validate_documentation,
        ):
            trials = beat(trials, recommendation, codebase, request, **self.tools)
        self.trials = trials
        verdict = validation.aggregate_validation_results(trials, patches)
        stored = validation.store_validation_results(verdict, request, codebase, self.store)
        self.completed = validation.validate_completed(request, stored, verdict)
        assert self.store.load(stored.record_id, ValidationResult).id == verdict.id
        assert self.store.answered("validation.run", request.request_id) == stored.record_id
        return verdict


def record(found: Found, name: str) -> tuple[bool, str]:
    """Return what one check of a step says."""
    return next((each.passed, each.seen) for each in found.records if each.name == name)


def seen(verdict: ValidationResult) -> dict[str, tuple[bool, str]]:
    """Return what each check of the evidence says, by its name."""
    return {record.name: (record.passed, record.seen) for record in verdict.evidence.checks}
