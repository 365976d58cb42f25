"""Iterate over a copy of a collection that the loop changes."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._mutable import changes
from bot.strategies._places import functions_at_fault
from bot.strategies._statements import dotted
from bot.strategies._text import edit, replace, source

_VIEWS = frozenset({"keys", "values", "items"})


def _collection(loop: ast.For | ast.AsyncFor) -> str:
    """Return the dotted name of what a loop goes over, a view of a dictionary counting as the dictionary."""
    node = loop.iter
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and not node.args
        and node.func.attr in _VIEWS
    ):
        return dotted(node.func.value)
    return dotted(node)


def _resizes(node: ast.AST, name: str) -> bool:
    """Return whether a node adds to or takes from the collection; setting an item of a list is harmless."""
    if isinstance(node, ast.Delete):
        return any(isinstance(t, ast.Subscript) and dotted(t.value) == name for t in node.targets)
    return isinstance(node, ast.Call) and changes(node, name)


def _loops(function: ast.AST) -> Iterator[ast.For]:
    for node in ast.walk(function):
        name = _collection(node) if isinstance(node, ast.For) else ""
        if isinstance(node, ast.For) and name and any(_resizes(n, name) for s in node.body for n in ast.walk(s)):
            yield node


@strategy(causes=("mutation-while-iterating", "state", "test-failure", "error"), trust="auto", prior=0.8)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each function at fault that changes what it goes over."""
    for path, function in functions_at_fault(diagnosis, codebase):
        text = codebase.text(path)
        loops = list(_loops(function))
        edits = edit(path, text, replace(text, [(loop.iter, f"list({source(text, loop.iter)})") for loop in loops]))
        if edits:
            yield Proposal(
                strategy="iterate_copy",
                title=f"Go over a copy of {_collection(loops[0])} in {function.name}",
                edits=edits,
                confidence=0.9,
                why="a loop that changes what it goes over skips elements or fails.",
            )
