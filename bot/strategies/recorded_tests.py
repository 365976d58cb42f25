"""Test an untested function with what production gave it and got back.

One test for each recorded call, in the project's own style: equal results, floats with a tolerance, exceptions by
type. Calls whose values can't be written down are left out; the tests still have to pass again and again, and to
notice when the function is broken.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._recorded import test_file


@strategy(causes=("untested", "coverage"), trust="glance", touches="tests", kind="test", prior=0.8)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one new test file when there are recorded calls of the function that can be written down."""
    made = test_file(diagnosis, diagnosis.calls, "", codebase)
    if made:
        yield Proposal(
            strategy="recorded_tests",
            title=f"Test {diagnosis.function} with recorded calls",
            edits=(made,),
            confidence=0.85,
            why=f"`{diagnosis.function}` is used in production and no test runs it; these are calls as they happened.",
        )
