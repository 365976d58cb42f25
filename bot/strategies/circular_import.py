"""Break a circle of imports at the link that is needed only when functions run.

The import moves into the functions that use it, or under `TYPE_CHECKING` where only annotations do.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._bodies import at_head
from bot.strategies._sites import Site, named
from bot.strategies._statements import absolute, without_name
from bot.strategies._text import Span, edit, replace, source

_CIRCLE = re2.compile(r"cannot import name '(\w+)' from partially initialized module '([\w.]+)'")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def _outer_functions(tree: ast.Module) -> list[Function]:
    """Return the functions and methods that are in no other function."""
    found: list[Function] = []
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Function):
            found.append(node)
        elif not isinstance(node, ast.expr):
            waiting += list(ast.iter_child_nodes(node))
    return sorted(found, key=lambda node: -node.lineno)


def _users(tree: ast.Module, name: str) -> list[Function] | None:
    """Return the functions whose bodies read a name, last first; None when code outside of bodies reads it."""
    functions = _outer_functions(tree)
    reads = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == name]
    users: list[Function] = []
    for read in reads:
        inside = next((f for f in functions if f.body[0].lineno <= read.lineno <= (f.end_lineno or 0)), None)
        if inside is None:
            return None
        users.append(inside)
    return [function for function in functions if function in users]


def _moved(text: str, tree: ast.Module, node: ast.ImportFrom, alias: ast.alias) -> str | None:
    name = alias.asname or alias.name
    users = _users(tree, name)
    if not users:
        return None
    dots = "." * node.level
    statement = f"from {dots}{node.module or ''} import {source(text, alias)}"
    for function in users:
        text = at_head(text, function, [statement, ""])
    if len(node.names) > 1:
        return replace(text, [without_name(text, node, alias)])
    left = replace(text, [(Span(node.lineno, 0, (node.end_lineno or node.lineno) + 1, 0), "")])
    return left.lstrip("\n") if node.lineno == 1 else left


def _links(site: Site, codebase: Codebase) -> Iterator[tuple[str, ast.ImportFrom, ast.alias]]:
    """Yield the from-imports of the circle, the one that failed first, then those that the traceback came through."""
    found = _CIRCLE.search(site.message)
    for path, line in site.places if found else ():
        tree = codebase.tree(path)
        for node in tree.body if tree else ():
            inside = isinstance(node, ast.ImportFrom) and node.lineno <= line <= (node.end_lineno or node.lineno)
            if isinstance(node, ast.ImportFrom) and inside and absolute(path, node, codebase) in codebase.modules:
                yield from ((path, node, alias) for alias in node.names)


@strategy(causes=("import-error", "test-failure", "error", "circular-import"), trust="glance", prior=0.8)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield the links of the circle that can be broken, the failing one first."""
    for site in named(diagnosis, codebase, "ImportError"):
        for path, node, alias in dict.fromkeys(_links(site, codebase)):
            tree, text = codebase.tree(path), codebase.text(path)
            moved = _moved(text, tree, node, alias) if tree else None
            if moved:
                yield Proposal(
                    strategy="circular_import",
                    title=f"Import {alias.name} where {path} needs it",
                    edits=edit(path, text, moved),
                    confidence=0.8,
                    why="the two modules import each other; this one needs the name only when its functions run.",
                )
