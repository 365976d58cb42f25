"""Refuses secrets in the diff: keys, tokens and passwords, by the patterns that redact logs."""

from __future__ import annotations

from collections.abc import Iterable

from bot.proof.change import Change, Refusal
from bot.redact import redact
from bot.registry import gate


@gate(kind="")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each added line that holds a secret; the refusal does not repeat it."""
    for file in change.files:
        known = {text.strip() for _, text in file.removed}
        for line, text in file.added:
            if text.strip() not in known and redact(text) != text:
                yield Refusal(file.path, line, "the line holds what looks like a secret")
