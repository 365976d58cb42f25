"""Let `any` and `all` stop at the element that decides, instead of making a list of all first."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._loops import hot_functions
from bot.strategies._statements import dotted
from bot.strategies._text import edit, replace, source


def _changes(function: ast.AST, text: str) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(function):
        deciding = isinstance(node, ast.Call) and dotted(node.func) in {"any", "all"} and len(node.args) == 1
        if deciding and isinstance(node, ast.Call) and isinstance(node.args[0], ast.ListComp):
            yield node.args[0], source(text, node.args[0])[1:-1].strip()


@strategy(causes=("performance",), trust="auto", prior=0.5)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each slow function that makes lists only to go through them once."""
    for path, function in hot_functions(diagnosis, codebase):
        text = codebase.text(path)
        edits = edit(path, text, replace(text, list(_changes(function, text))))
        if edits:
            yield Proposal(
                strategy="short_circuit",
                title=f"Stop as soon as the answer is known in {function.name}",
                edits=edits,
                confidence=0.7,
                why="a generator makes its elements one by one, and none after the answer is known.",
            )
