"""How a rule says yes or no, with the words that a person needs to act."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from bot.model import RuleResult

Stage = Literal["open", "merge"]


def allowed(rule: str, stage: Stage, seen: str, wanted: str) -> RuleResult:
    """Return a yes."""
    return RuleResult(rule=rule, allows=True, stage=stage, seen=seen, wanted=wanted)


def denied(rule: str, stage: Stage, seen: str, wanted: str, *, unblock: str) -> RuleResult:
    """Return a no; `unblock` names who can change that, and how."""
    return RuleResult(rule=rule, allows=False, stage=stage, seen=seen, wanted=wanted, unblock=unblock)


def listed(names: Iterable[str], *, most: int = 5) -> str:
    """Return names as one text, the first `most` of them, or `none`."""
    every = sorted(set(names))
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return (", ".join(every[:most]) + more) or "none"


def counted(number: float, one: str, many: str = "") -> str:
    """Return a number with its noun: `1 file`, `3 files`."""
    return f"{number:g} {one if number == 1 else many or one + 's'}"


MAINTAINER = "A maintainer can change {key} in .github/selfheal.yml."


def by_policy(key: str) -> str:
    """Return who can unblock a rule by changing a key of the policy."""
    return MAINTAINER.format(key=f"`{key}`")
