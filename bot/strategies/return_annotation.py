"""Annotate the return type of a function that a type checker finds unannotated, where the code leaves no doubt.

`-> None` where nothing is returned; `bool`, `int`, `str` and the like where every return is a literal of that type.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._heads import head_end
from bot.strategies._mypy import findings, function_on
from bot.strategies._returns import returned
from bot.strategies._text import edit

_CODES = ("no-untyped-def", "no-untyped-call")


@strategy(causes=("type",), trust="auto", prior=0.9)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for all functions whose return type is certain."""
    texts: dict[str, str] = {}
    names: list[str] = []
    for finding in sorted(findings(diagnosis, codebase, *_CODES), key=lambda one: (one.path, -one.line)):
        tree = codebase.tree(finding.path)
        function = function_on(tree, finding.line) if tree else None
        type_ = returned(function) if function and function.returns is None else ""
        if function is None or not type_:
            continue
        text = texts.get(finding.path, codebase.text(finding.path))
        at = head_end(text, function)
        texts[finding.path] = f"{text[:at].rstrip()} -> {type_}{text[at:]}"
        names.append(function.name)
    edits = [e for path, text in texts.items() for e in edit(path, codebase.text(path), text)]
    if edits:
        yield Proposal(
            strategy="return_annotation",
            title=f"Annotate what {', '.join(dict.fromkeys(reversed(names)))} returns",
            edits=tuple(edits),
            confidence=0.92,
            why="every way out of the function returns exactly this.",
        )
