"""Await a coroutine that was called and left alone."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._calls import resolve
from bot.strategies._places import functions_at_fault
from bot.strategies._sites import sites
from bot.strategies._text import edit, replace, source

_SAID = re2.compile(r"coroutine '([\w.<>]+)' was never awaited|'coroutine'|Missing \"await\"")


def _unawaited(function: ast.AsyncFunctionDef, path: str, codebase: Codebase) -> Iterator[tuple[ast.Call, ast.AST]]:
    """Yield (call, what it stands in) for each call of a project's coroutine function that nothing awaits or keeps."""
    for parent in ast.walk(function):
        for child in ast.iter_child_nodes(parent):
            if not isinstance(child, ast.Call) or isinstance(parent, ast.Await | ast.Call | ast.Return | ast.keyword):
                continue
            if isinstance(parent, ast.List | ast.Tuple | ast.Starred | ast.comprehension):
                continue  # gathered somewhere else
            callee = resolve(child, path, codebase)
            if callee and isinstance(callee.node, ast.AsyncFunctionDef) and not _generates(callee.node):
                yield child, parent


def _generates(node: ast.AsyncFunctionDef) -> bool:
    return any(isinstance(part, ast.Yield) for part in ast.walk(node))


def _awaited(text: str, call: ast.Call, parent: ast.AST) -> str:
    bare = isinstance(parent, ast.Expr | ast.Assign | ast.AnnAssign | ast.AugAssign)
    return f"await {source(text, call)}" if bare else f"(await {source(text, call)})"


@strategy(causes=("test-failure", "error", "type"), trust="glance", prior=0.8)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each asynchronous function at fault with calls that nothing awaits."""
    if not any(_SAID.search(site.message) for site in sites(diagnosis, codebase)):
        return
    for path, function in functions_at_fault(diagnosis, codebase):
        if not isinstance(function, ast.AsyncFunctionDef):
            continue
        text = codebase.text(path)
        calls = list(_unawaited(function, path, codebase))
        edits = edit(path, text, replace(text, [(call, _awaited(text, call, parent)) for call, parent in calls]))
        if edits:
            yield Proposal(
                strategy="missing_await",
                title=f"Await what {function.name} calls",
                edits=edits,
                confidence=0.88,
                why="calling a coroutine function only makes a coroutine; nothing runs until it is awaited.",
            )
