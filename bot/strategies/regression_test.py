"""Keep a recorded failure from coming back: the call that failed, with what it gives now.

Written only for a fix, and only for calls whose result is certain: the fixed code and the last good version agree.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._recorded import test_file

MOST = 4


@strategy(causes=("error", "state", "crash", "behavioral"), trust="glance", touches="tests", kind="test", prior=0.8)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one new test file when no test fails on the cause and the mended calls are known."""
    if diagnosis.failing_tests or not diagnosis.details.get("fix") or not diagnosis.mended:
        return
    made = test_file(diagnosis, diagnosis.mended[:MOST], "regression", codebase)
    if made:
        yield Proposal(
            strategy="regression_test",
            title=f"Test what failed in {diagnosis.function}",
            edits=(made,),
            confidence=0.85,
            why="these recorded calls went wrong before the fix and end like this now.",
        )
