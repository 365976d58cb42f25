"""What the strategies that port code to new versions of libraries share: files, imports to declare, proposals."""

from __future__ import annotations

from collections.abc import Callable

from bot.codebase import Codebase
from bot.model import FileEdit, Proposal
from bot.strategies._apis import Unit, drop_unread, unread
from bot.strategies._declaring import declared_edit
from bot.strategies._library import STANDARD
from bot.strategies._text import edit


def port(codebase: Codebase, mentions: tuple[str, ...], change: Callable[[Unit, str], bool]) -> tuple[FileEdit, ...]:
    """Return the edits that `change(unit, path)` makes to the files that mention one of these texts.

    Libraries that the rewritten code imports and that the project does not declare are declared too.
    """
    own = frozenset(module.partition(".")[0] for module in codebase.modules)
    edits: list[FileEdit] = []
    new: dict[str, str] = {}
    for path in codebase.python_files:
        text = codebase.text(path)
        if codebase.tree(path) is None or not any(mention in text for mention in mentions):
            continue
        unit = Unit(text, own)
        before, idle = _tops(unit), unread(unit)
        if change(unit, path):
            drop_unread(unit, idle)
            edits += edit(path, text, unit.text)
            new |= dict.fromkeys(_tops(unit) - before - own - STANDARD, path)
    for module, path in sorted(new.items()):
        edits += declared_edit(module, codebase, tests=codebase.is_test(path))
    return tuple(edits)


def _tops(unit: Unit) -> set[str]:
    return {origin.partition(".")[0] for origin in unit.origins.values()}


def proposal(strategy: str, named: list[str], edits: tuple[FileEdit, ...], confidence: float, why: str) -> Proposal:
    """Return the proposal to port the APIs `named`."""
    shown = ", ".join(dict.fromkeys(named[:3])) + (" and more" if len(set(named)) > 3 else "")
    return Proposal(strategy=strategy, title=f"Port {shown}", edits=edits, confidence=confidence, why=why)
