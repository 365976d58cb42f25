"""Keep a recorded failure from coming back: the call that failed, with what it gives now.

Written only for a fix, and only for calls whose result is certain: the fixed code and the last good version agree.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._recorded import test_file


@strategy(causes=("error", "state", "crash"), trust="glance", touches="tests", kind="test", prior=0.8)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one new test file when no test fails on the cause and the mended calls are known."""
    calls = [call for call in diagnosis.calls if call.error is None]
    if diagnosis.failing_tests or not diagnosis.details.get("fix") or not calls:
        return
    made = test_file(diagnosis, calls, "regression", codebase)
    if made:
        yield Proposal(
            strategy="regression_test",
            title=f"Test what failed in {diagnosis.function}",
            edits=(made,),
            confidence=0.85,
            why="these recorded calls failed before the fix and give this now.",
        )
