"""A first look at a draft: do the failing tests pass with it? The proof proper comes later; this only saves work."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from bot.checks import run_tests
from bot.codebase import Codebase
from bot.errors import BotError
from bot.model import Check, FileEdit
from bot.ports import Limits, Sandbox
from bot.proof.trees import patched

MOST_TESTS = 10
_LIMITS = Limits(seconds=60.0)


def test_check(codebase: Codebase) -> Check | None:
    """Return the project's first test command."""
    return next((check for check in codebase.info.checks if check.runner), None)


def passes(edits: tuple[FileEdit, ...], tests: tuple[str, ...], codebase: Codebase, sandbox: Sandbox) -> bool:
    """Return whether the failing tests (the first ten) pass with the edits; False when they can't be run here."""
    info, check = codebase.info, test_check(codebase)
    if check is None or not tests or not info.environment or not info.tree:
        return False
    with tempfile.TemporaryDirectory(prefix="selfheal-try-") as folder:
        wanted = tests[:MOST_TESTS]
        try:
            tree = patched(Path(info.tree), edits, Path(folder) / "tree")
            run = run_tests(sandbox, tree, Path(info.environment), check, ids=wanted, limits=_LIMITS)
        except BotError:
            return False
    return run.complete and "passed" in run.outcomes.values() and not _bad(run.outcomes.values())


def _bad(outcomes: Iterable[str]) -> bool:
    return any(outcome in {"failed", "error"} for outcome in outcomes)
