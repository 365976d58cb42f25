"""Tells tests that fail and pass on the same code from those that are broken."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from bot.codebase import Codebase

BROKEN = frozenset({"failed", "error"})
MIXED, ALONE, NEVER = 0.99, 0.9, 0.6
"""How sure each is: both outcomes seen here; passes alone, not in the suite; fails nowhere but in the log."""


class Flaky(NamedTuple):
    """Why tests count as flaky: `pattern` is flaky or order-dependent, with a confidence and the sentence to say."""

    pattern: str
    confidence: float
    said: str


def flaky(tests: Iterable[str], codebase: Codebase) -> Flaky | None:
    """Return how these failing tests are flaky, the least sure one's way; None when any of them fails steadily."""
    judged = [_judged(test, codebase) for test in tests]
    if not judged or not all(judged):
        return None
    return min((one for one in judged if one), key=lambda one: one.confidence)


def _judged(test: str, codebase: Codebase) -> Flaky | None:
    alone = codebase.info.repeats.get(test, ())
    inside = codebase.info.outcomes.get(test, "")
    passed, runs = alone.count("passed"), len(alone) + bool(inside)
    if not passed or (passed < len(alone) and not set(alone) & BROKEN):
        return None
    if set(alone) & BROKEN:
        times = passed + (inside == "passed")
        return Flaky("flaky", MIXED, f"{test} passed in {times} of {runs} runs of the same code")
    if inside in BROKEN:
        return Flaky("order-dependent", ALONE, f"{test} fails among the other tests and passed {passed} times alone")
    return Flaky("flaky", NEVER, f"{test} failed in the log and passed in all {runs} runs of the same code here")
