"""Refuses another expected value in an existing assertion, unless the strategy declares that it touches tests."""

from __future__ import annotations

from collections.abc import Iterable

from bot.gates._pairs import changed
from bot.proof.change import Change, Refusal
from bot.registry import gate


@gate(kind="tests")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each assertion that demands as much as before, but something else."""
    for pair in changed(change):
        if pair.how == "other":
            yield Refusal(pair.file.path, pair.line, pair.told())
