"""Ask a language model, where one is configured and nothing else helped; its answer is proven like any other patch.

Off unless the operator sets SELFHEAL_MODEL. The model gets no tools and no secrets, only the failing code and what was
said of it, in marked blocks; what it may spend is bounded, and every answer is written down so that it can be replayed.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy


@strategy(causes=("error", "state", "behavioral", "performance", "test-failure", "type", "import-error"),
          trust="review", prior=0.01)  # fmt: skip
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield a request to ask when there is code of the project to ask about."""
    if diagnosis.file in codebase.files and not codebase.is_test(diagnosis.file):
        yield Proposal(
            strategy="model",
            title=f"Repair {diagnosis.function or diagnosis.file}",
            ask=True,
            confidence=0.3,
            why="no rule and no search found a repair.",
        )
