"""Refuses an existing assertion that accepts a larger deviation: more tolerance, fewer places, equal made close."""

from __future__ import annotations

from collections.abc import Iterable

from bot.gates._pairs import changed
from bot.proof.change import Change, Refusal
from bot.registry import gate


@gate(kind="")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each assertion whose tolerance grew."""
    for pair in changed(change):
        if pair.how == "tolerance":
            yield Refusal(pair.file.path, pair.line, pair.told())
