"""Write generator-based coroutines as `async def`: Python 3.11 took `asyncio.coroutine` away."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._apis import Unit
from bot.strategies._sites import sites
from bot.strategies._text import Span, edit, replace


def _own(function: ast.FunctionDef) -> Iterable[ast.AST]:
    """Yield the nodes of a function without those of functions inside it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            waiting += ast.iter_child_nodes(node)


def _ported(unit: Unit) -> str:
    spots: list[tuple[Span | ast.AST, str]] = []
    lines = split_lines(unit.text)
    for node in ast.walk(unit.tree):
        if not isinstance(node, ast.FunctionDef):
            continue
        old = [one for one in node.decorator_list if unit.origin(one) == "asyncio.coroutine"]
        inner = list(_own(node))
        if not old or any(isinstance(one, ast.Yield) for one in inner):
            continue
        spots += [(Span(one.lineno, 0, (one.end_lineno or one.lineno) + 1, 0), "") for one in old]
        start = lines[node.lineno - 1].encode().index(b"def", node.col_offset)
        spots.append((Span(node.lineno, start, node.lineno, start), "async "))
        for one in inner:
            if isinstance(one, ast.YieldFrom):
                end = one.col_offset + len("yield from")
                spots.append((Span(one.lineno, one.col_offset, one.lineno, end), "await"))
    return replace(unit.text, spots)


@strategy(causes=("test-failure", "import-error", "error", "removed-api"), trust="glance", prior=0.9)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one port of all such coroutines when an error speaks of the decorator."""
    said = " ".join(site.message for site in sites(diagnosis, codebase))
    # from 3.11 on `asyncio.coroutine` is found neither as a name nor, where the submodule is loaded, as a function
    if "coroutine" not in said and "'module' object is not callable" not in said:
        return
    edits: list[FileEdit] = []
    for path in codebase.python_files:
        text = codebase.text(path)
        if "coroutine" in text and "yield from" in text and codebase.tree(path) is not None:
            edits += edit(path, text, _ported(Unit(text)))
    if edits:
        yield Proposal(
            strategy="coroutine_decorator",
            title="Write generator-based coroutines as async def",
            edits=tuple(edits),
            confidence=0.92,
            why="Python 3.11 took `asyncio.coroutine` away (docs.python.org/3/whatsnew/3.11.html).",
        )
