"""A first look at drafts by rule: do the failing tests pass with them, and if not, what is the next thing wrong?

One failing test can have several causes behind each other: the next one shows when the first is mended. A draft that
gets further is carried on with the strategies' answer to the new error, until the tests pass or nothing helps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from bot.checks import TestRun, run_tests
from bot.codebase import Codebase
from bot.errors import BotError
from bot.fixing.trying import test_check
from bot.model import TRUSTS, Diagnosis, Draft, Failure, FileEdit
from bot.ports import Limits, Sandbox
from bot.proof.trees import patched
from bot.scratch import scratch

STEPS = 5
MOST_TESTS = 10
_LIMITS = Limits(seconds=60.0)
Again = Callable[[Diagnosis, Codebase], Iterable[Draft]]


class Overlay(Mapping[str, str]):
    """Texts of a codebase with those of edits over them."""

    def __init__(self, below: Mapping[str, str], edits: Iterable[FileEdit]) -> None:
        """Lay `edits` over `below`."""
        self._below = below
        self._above = {edit.path: edit.text for edit in edits}

    def __getitem__(self, path: str) -> str:
        text = self._above[path] if path in self._above else self._below[path]
        if text is None:
            raise KeyError(path)
        return text

    def __iter__(self) -> Iterator[str]:
        kept = (path for path in self._below if path not in self._above)
        return iter([*kept, *(path for path, text in self._above.items() if text is not None)])

    def __len__(self) -> int:
        return sum(1 for _ in self)


def can_look(diagnosis: Diagnosis, codebase: Codebase) -> bool:
    """Return whether there are failing tests, a command to run them with, and an environment."""
    info = codebase.info
    return bool(diagnosis.failing_tests and test_check(codebase) and info.environment and info.tree)


def look(edits: tuple[FileEdit, ...], diagnosis: Diagnosis, codebase: Codebase, sandbox: Sandbox) -> TestRun | None:
    """Return a run of the first ten failing tests with edits, None when they can't be run."""
    check = test_check(codebase)
    with scratch() as folder:
        try:
            tree = patched(Path(codebase.info.tree), edits, folder / "tree")
            environment, ids = Path(codebase.info.environment), diagnosis.failing_tests[:MOST_TESTS]
            return run_tests(sandbox, tree, environment, check, ids=ids, limits=_LIMITS) if check else None
        except BotError:
            return None


def all_pass(run: TestRun) -> bool:
    """Return whether a run came to its end, and everything in it passed."""
    outcomes = set(run.outcomes.values())
    return run.complete and "passed" in outcomes and not outcomes & {"failed", "error"}


def failures_of(run: TestRun) -> tuple[Failure, ...]:
    """Return the failures of a run as a log would tell them."""
    return tuple(
        Failure.model_validate(
            {
                "class": "test-failure", "tool": "pytest", "test_id": test, "exception": error.exception,
                "message": error.message, "file": error.file, "line": error.line, "frames": error.frames,
            }
        )
        for test, error in run.errors.items()
        if run.outcomes.get(test) in {"failed", "error"}
    )  # fmt: skip


def _signs(failures: Iterable[Failure]) -> frozenset[tuple[str, str]]:
    """Return what tells errors apart: exception and first line of the message."""
    return frozenset(
        ((failure.exception or "").rpartition(".")[2], failure.message.partition("\n")[0]) for failure in failures
    )


def _next_diagnosis(diagnosis: Diagnosis, failures: tuple[Failure, ...], codebase: Codebase) -> Diagnosis:
    """Return the diagnosis of what fails now: the innermost line of the project's own code."""
    first = failures[0]
    frames = [frame for frame in reversed(first.frames) if frame.file in codebase.files]
    own = next((frame for frame in frames if not codebase.is_test(frame.file)), None)
    details = {**diagnosis.details, "exception": first.exception or "", "message": first.message}
    update = {"failures": failures, "details": details}
    place = {"file": own.file, "line": own.line, "function": own.function} if own else {}
    return diagnosis.model_copy(update=update | place)


def carried_on(one: Draft, step: Draft) -> Draft:
    """Return a draft with the next step of the repair: as sure and as trusted as the lesser of the two."""
    edits = {edit.path: edit for edit in (*one.edits, *step.edits)}
    update = {
        "edits": tuple(edits.values()),
        "title": f"{one.title}; {step.title}",
        "why": f"{one.why} Then {step.why}",
        "confidence": round(0.97 * min(one.confidence, step.confidence), 3),
        "trust": max(one.trust, step.trust, key=TRUSTS.index),
    }
    return one.model_copy(update=update)


def settled(one: Draft, diagnosis: Diagnosis, codebase: Codebase, sandbox: Sandbox, again: Again) -> Draft | None:
    """Return the draft once the failing tests pass with it, carried on where another error came behind; else None."""
    seen = {_signs(diagnosis.failures)}
    for _ in range(STEPS):
        run = look(one.edits, diagnosis, codebase, sandbox)
        if run is None or all_pass(run):
            return one if run is not None else None
        failures = failures_of(run)
        if not failures or _signs(failures) in seen:
            return None
        seen.add(_signs(failures))
        over = Codebase(codebase.info, Overlay(codebase.files, one.edits), codebase.good)
        step = next((draft for draft in again(_next_diagnosis(diagnosis, failures, over), over) if draft.edits), None)
        if step is None:
            return None
        one = carried_on(one, step)
    return None
