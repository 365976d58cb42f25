"""The variables of a check's process: those its command sets, and the import path of a tree that is not installed."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import PurePosixPath

from bot.model import Check


def up(check: Check) -> str:
    """Return the way from the check's folder back to the top of the tree."""
    return "/".join([".."] * len(PurePosixPath(check.cwd).parts)) or "."


def roots_of(check: Check, found: Iterable[str]) -> tuple[str, ...]:
    """Return the folders on the import path, relative to the top: those that the check names, then those `found`."""
    named = (
        os.path.normpath(os.path.join(check.cwd, each))
        for each in check.env.get("PYTHONPATH", "").split(os.pathsep)
        if each
    )
    return tuple(dict.fromkeys([*(each for each in named if not each.startswith(("/", ".."))), *found]))


def variables(check: Check, found: Iterable[str]) -> dict[str, str]:
    """Return the variables for a process that starts in the check's folder; `found` are the tree's import roots."""
    return {**check.env, "PYTHONPATH": os.pathsep.join(f"{up(check)}/{root}" for root in roots_of(check, found))}
