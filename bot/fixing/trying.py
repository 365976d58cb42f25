"""The project's test command, for what is tried before the proof."""

from __future__ import annotations

from bot.codebase import Codebase
from bot.model import Check


def test_check(codebase: Codebase) -> Check | None:
    """Return the project's first test command."""
    return next((check for check in codebase.info.checks if check.runner), None)
