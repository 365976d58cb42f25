"""Search for the smallest edit at the suspicious lines that makes the failing tests pass.

The last resort of the strategies by rule: it needs a failing test, and every find still has to be proven. Where tests
fail of a warning alone, or of something that a library took away, it has nothing to go by: whatever keeps the line from
being reached would make them pass.
"""

from __future__ import annotations

from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy

_GONE = re2.compile(
    r"(?i)\b(?:was|were|is|been) removed\b|\bremoved (?:in|from) \w+ ?v?\d|\bno longer (?:supported|available|exists)\b"
    r"|\bdeprecation expired\b"
)


@strategy(causes=("test-failure", "import-error", "error", "behavioral", "state"), trust="glance", prior=0.05)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield a request to search when there is a failing test to search with."""
    if not (diagnosis.failing_tests and codebase.python_files) or _only_warns(diagnosis) or _only_gone(diagnosis):
        return
    where = f"{diagnosis.file}:{diagnosis.line}" if diagnosis.file else "the code that the failing tests run"
    yield Proposal(
        strategy="search",
        title=f"Repair {diagnosis.function or diagnosis.file or 'the failing test'}",
        search=True,
        confidence=0.5,
        why=f"the failing test tells right from wrong edits around {where}.",
    )


def _only_warns(diagnosis: Diagnosis) -> bool:
    """Return whether all that the tests fail of are warnings which the project made errors."""
    raised = [(failure.exception or "").rpartition(".")[2] for failure in diagnosis.failures]
    return bool(raised) and all(name.endswith("Warning") for name in raised)


def _only_gone(diagnosis: Diagnosis) -> bool:
    """Return whether all that the tests fail of says of itself that it was taken away."""
    said = [failure.message for failure in diagnosis.failures]
    return bool(said) and all(_GONE.search(text) is not None for text in said)
