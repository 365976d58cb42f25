"""Make separate objects where one was repeated: `[[0] * n] * m`, `dict.fromkeys(keys, [])`."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._mutable import is_mutable
from bot.strategies._places import functions_at_fault
from bot.strategies._statements import dotted
from bot.strategies._text import edit, replace, source


def _repeats(node: ast.expr) -> bool:
    times = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and isinstance(node.left, ast.List)
    return times or is_mutable(node)


def _separated(function: ast.AST, text: str) -> Iterator[tuple[ast.AST, str]]:
    """Yield each expression that repeats one mutable object, and the form that makes one for each place."""
    for node in ast.walk(function):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and isinstance(node.left, ast.List):
            items = node.left.elts
            if len(items) == 1 and _repeats(items[0]):
                yield node, f"[{source(text, items[0])} for _ in range({source(text, node.right)})]"
        elif isinstance(node, ast.Call) and dotted(node.func) == "dict.fromkeys" and len(node.args) == 2:
            keys, value = (source(text, argument) for argument in node.args)
            if is_mutable(node.args[1]):
                yield node, f"{{key: {value} for key in {keys}}}"


@strategy(causes=("aliasing", "state", "test-failure"), trust="auto", prior=0.8)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each function at fault that repeats one mutable object."""
    for path, function in functions_at_fault(diagnosis, codebase):
        text = codebase.text(path)
        edits = edit(path, text, replace(text, list(_separated(function, text))))
        if edits:
            yield Proposal(
                strategy="aliasing",
                title=f"Make separate objects in {function.name}",
                edits=edits,
                confidence=0.9,
                why="repeating a mutable object repeats the reference: a change in one place shows in all.",
            )
