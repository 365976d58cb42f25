"""Runs tests in the tree of a patch, of a variant of it, or in the unpatched one."""

from __future__ import annotations

from pathlib import Path
from typing import Unpack

from bot.checks import TestRun, Watched, run_tests, watch_function
from bot.checks.run import How, Watching
from bot.model import Check, FileEdit, Trial
from bot.proof.ground import Ground


def run_in(ground: Ground, trial: Trial | None, check: Check, **how: Unpack[How]) -> TestRun:
    """Return a run of tests in the tree of a patch, or in the unpatched one."""
    tree = ground.after(trial) if trial else ground.before
    how["limits"] = ground.limits()
    return run_tests(ground.sandbox, tree, ground.environment(trial), check, **how)


def watch_in(
    ground: Ground, tree: Path, environment: Path, check: Check, work: tuple[tuple[str, ...], tuple[str, ...]]
) -> Watched | None:
    """Return what the diagnosed function did in tests that ran in `tree`; `work` are the tests and the steps' names."""
    tests, steps = work
    function = (ground.diagnosis.file, ground.diagnosis.function)
    how: Watching = {"ids": tests, "limits": ground.limits(), "steps": steps}
    return watch_function(ground.sandbox, tree, environment, check, function, **how)


def variant(trial: Trial, name: str, edits: tuple[FileEdit, ...]) -> Trial:
    """Return the trial with other edits under a name of its own, so that its tree is another."""
    patch = trial.patch.model_copy(update={"id": f"{trial.patch.id}-{name}", "edits": edits})
    return trial.model_copy(update={"patch": patch})
