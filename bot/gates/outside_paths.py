"""Refuses files that the policy does not allow or denies (`paths` in `.github/selfheal.yml`)."""

from __future__ import annotations

from collections.abc import Iterable

from bot.globs import any_match
from bot.proof.change import Change, Refusal
from bot.registry import gate


@gate(kind="")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each file outside the paths of the policy; deny wins."""
    for file in change.files:
        if any_match(change.deny, file.path):
            yield Refusal(file.path, 1, "the policy denies this path")
        elif not any_match(change.allow, file.path):
            yield Refusal(file.path, 1, "the policy does not allow this path")
