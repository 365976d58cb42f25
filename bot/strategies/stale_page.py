"""Write a claim of a generated page anew, as telemetry shows it: the order of a sequence, the errors of a handler."""

from __future__ import annotations

from collections.abc import Iterable

from bot.codebase import Codebase
from bot.codebase.claims import claims, rewritten
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._text import edit


@strategy(causes=("contradicted-page",), trust="auto", kind="docs", prior=0.9)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield the page with what was seen, when the claim still stands there."""
    path, wanted = diagnosis.file, tuple(diagnosis.details.get("wanted", "").split("\n"))
    if path not in codebase.files or not diagnosis.details.get("wanted"):
        return
    text = codebase.text(path)
    claim = next((one for one in claims(text) if one.line == diagnosis.line), None)
    edits = edit(path, text, rewritten(text, claim, wanted)) if claim else ()
    if claim and edits:
        yield Proposal(
            strategy="stale_page",
            title=f"Say what {claim.name} does now in {path}",
            edits=edits,
            confidence=0.92,
            why="the page was made from telemetry, and telemetry says something else now.",
        )
