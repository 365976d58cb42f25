"""Refuses patches of more files or lines than the policy allows (`limits` in `.github/selfheal.yml`)."""

from __future__ import annotations

from collections.abc import Iterable

from bot.proof.change import Change, Refusal
from bot.registry import gate


@gate(kind="")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each limit that is passed; a changed line counts once removed and once added."""
    if len(change.files) > change.max_files:
        yield Refusal(change.files[0].path, 1, f"{len(change.files)} files, the limit is {change.max_files}")
    lines = sum(len(file.added) + len(file.removed) for file in change.files)
    if lines > change.max_lines:
        yield Refusal(change.files[0].path, 1, f"{lines} changed lines, the limit is {change.max_lines}")
