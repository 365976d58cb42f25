"""When a use and a definition disagree: which of the two is wrong."""

from __future__ import annotations

from bot.codebase import Codebase


def definition_is_wrong(use: str, definition: str, codebase: Codebase) -> bool:
    """Return whether the definition in one file should give way to the use in another.

    What changed since the last good version is to blame; without such a difference a test knows best.
    """
    changed = codebase.changed
    if changed and (use in changed) != (definition in changed):
        return definition in changed
    return codebase.is_test(use) and not codebase.is_test(definition)
