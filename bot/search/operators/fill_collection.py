"""A collection that is made empty and read, but never filled: put something into it.

The share is high since the operator has nothing to say about nearly all functions; where it has, it is probably right.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site
from bot.search.view import FUNCTIONS

_FILLS = {
    "set": ("{0}.add({1})", "{0}.update({1})"),
    "list": ("{0}.append({1})", "{0}.extend({1})"),
    "dict": ("{0}[{1}] = {1}", "{0}[{1}] = True"),
    "deque": ("{0}.append({1})", "{0}.extend({1})"),
}
_CHANGES = frozenset("add append extend update insert setdefault appendleft push put".split())


def _empty(value: ast.expr | None) -> str:
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and not value.args and not value.keywords:
        return value.func.id if value.func.id in _FILLS else ""
    if isinstance(value, ast.List) and not value.elts:
        return "list"
    return "dict" if isinstance(value, ast.Dict) and not value.keys else ""


def _unfilled(site: Site) -> Iterator[tuple[str, str]]:
    """Yield the collections, by name and kind, that nothing in the outermost function ever adds to."""
    tops = [up for up in (site.scope.node, *site.view.above(site.scope.node)) if isinstance(up, FUNCTIONS)]
    nodes = list(ast.walk(tops[-1])) if tops else []
    made = {
        node.targets[0].id: _empty(node.value)
        for node in nodes
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and _empty(node.value)
    }
    for name, kind in made.items():
        stored = [
            node for node in nodes if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)
        ]
        if len(stored) == 1 and not any(_changes(site, node, name) for node in nodes):
            yield name, kind


def _changes(site: Site, node: ast.AST, name: str) -> bool:
    if not (isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)):
        return False
    up = site.view.parent(node)
    if isinstance(up, ast.Attribute):
        return up.attr in _CHANGES
    passed_on = isinstance(up, ast.Call | ast.Return | ast.Assign | ast.Tuple | ast.keyword) and up is not None
    return passed_on or (isinstance(up, ast.Subscript) and not isinstance(up.ctx, ast.Load))


@operator(nodes=(ast.Assign, ast.AugAssign, ast.Expr, ast.Return, ast.If, ast.For, ast.While), share=0.2)
def propose(site: Site) -> Iterator[Change]:
    """Yield statements that add a variable to such a collection, before the statement."""
    for name, kind in _unfilled(site):
        for other in site.names:
            if other == name:
                continue
            for rank, form in enumerate(_FILLS[kind]):
                change = site.before(site.node, (form.format(name, other),), 1.0 / (1 + rank))
                if change is not None:
                    yield change
