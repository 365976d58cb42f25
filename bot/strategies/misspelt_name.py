"""Correct a misspelt name to the one name in scope that is nearest.

The candidates are the names that the code at that place can really see, and the builtins. Nothing is proposed when
two are equally near.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._near import nearest
from bot.strategies._scope import KNOWN
from bot.strategies._text import edit, replace
from bot.strategies._undefined import Undefined, undefined


def _meant(found: Undefined) -> tuple[str, float] | None:
    """Return the name that is visible at every use of the misspelt one and nearest to it."""
    everywhere = set.intersection(*(scope.visible() for _, scope in found.uses))
    if found.suggested in everywhere | KNOWN:
        return found.suggested, 0.92
    return nearest(found.name, everywhere | {known for known in KNOWN if not known.startswith("_")})


@strategy(causes=("misspelt-name", "import-error", "test-failure", "lint", "type", "error"), trust="glance", prior=0.85)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each undefined name that is one slip away from a name in scope."""
    for found in undefined(diagnosis, codebase):
        best = _meant(found)
        if best is None:
            continue
        meant, confidence = best
        text = codebase.text(found.path)
        yield Proposal(
            strategy="misspelt_name",
            title=f"Correct {found.name} to {meant} in {found.path}",
            edits=edit(found.path, text, replace(text, [(node, meant) for node, _ in found.uses])),
            confidence=confidence,
            why=f"nothing is called `{found.name}` there; `{meant}` is in scope and the only name that near.",
        )
