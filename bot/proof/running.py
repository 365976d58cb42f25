"""Runs tests in the tree of a patch, of a variant of it, or in the unpatched one."""

from __future__ import annotations

from typing import Unpack

from bot.checks import TestRun, clocked, run_tests
from bot.checks.run import How
from bot.model import Check, FileEdit, Run, Trial
from bot.proof.ground import Ground


def run_in(ground: Ground, trial: Trial | None, check: Check, **how: Unpack[How]) -> TestRun:
    """Return a run of tests in the tree of a patch, or in the unpatched one."""
    tree = ground.after(trial) if trial else ground.before
    how["limits"] = ground.limits()
    return run_tests(ground.sandbox, tree, ground.environment(trial), check, **how)


def clock_in(
    ground: Ground, trial: Trial | None, check: Check, function: tuple[str, str], **how: Unpack[How]
) -> tuple[tuple[float, float], Run] | None:
    """Return the seconds of processor and clock that tests spent in one function, in the tree of a patch or without."""
    tree = ground.after(trial) if trial else ground.before
    how["limits"] = ground.limits()
    return clocked(ground.sandbox, tree, ground.environment(trial), check, function, **how)


def variant(trial: Trial, name: str, edits: tuple[FileEdit, ...]) -> Trial:
    """Return the trial with other edits under a name of its own, so that its tree is another."""
    patch = trial.patch.model_copy(update={"id": f"{trial.patch.id}-{name}", "edits": edits})
    return trial.model_copy(update={"patch": patch})
