"""A first value for a variable that is built up or read but never set: `total = 0` before the loop that adds to it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.scope import builtin
from bot.search.site import Change, Site
from bot.search.view import FUNCTIONS

_USUAL = {"0": 2.0, "[]": 2.0, "''": 1.0, "{}": 1.0, "None": 1.0, "1": 0.7, "set()": 0.7, "False": 0.5}
_BY_USE = {"append": "[]", "extend": "[]", "insert": "[]", "add": "set()", "get": "{}", "items": "{}", "join": "''"}


def _unset(site: Site) -> list[str]:
    """Return the names that the function reads or adds to, and that nothing around it ever sets."""
    nodes = site.scope.nodes
    names = [node for node in nodes if isinstance(node, ast.Name)]
    added = {id(node.target) for node in nodes if isinstance(node, ast.AugAssign)}
    known = {node.id for node in names if isinstance(node.ctx, ast.Store) and id(node) not in added}
    known |= {*site.scope.parameters, *site.scope.outer, *site.scope.module, *site.scope.inner}
    for node in (*nodes, *site.view.above(site.scope.node), site.scope.node):
        known.add(str(getattr(node, "name", "")))
        if isinstance(node, ast.Import | ast.ImportFrom):
            known |= {(one.asname or one.name).partition(".")[0] for one in node.names}
        if isinstance(node, ast.Global | ast.Nonlocal):
            known |= set(node.names)
    return [name for name in dict.fromkeys(node.id for node in names) if name not in known and not builtin([name])]


def _values(site: Site, name: str) -> dict[str, float]:
    """Return first values, those that fit what is done with the name far ahead."""
    found = dict(_USUAL)
    for node in site.scope.nodes:
        if (
            isinstance(node, ast.Attribute | ast.Subscript)
            and isinstance(node.value, ast.Name)
            and node.value.id == name
        ):
            fits = _BY_USE.get(node.attr, "") if isinstance(node, ast.Attribute) else "{}"
            found |= {fits: 6.0} if fits else {}
    return found


def _names(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


@operator(nodes=(ast.Assign, ast.AugAssign, ast.Expr, ast.Return, ast.If, ast.For, ast.While), share=0.2)
def propose(site: Site) -> Iterator[Change]:
    """Yield `name = value` before a statement of the function's own block, or of a loop's, that holds such a name.

    The share is high since the operator has something to say only where a name is nowhere set.
    """
    node, up = site.node, site.view.parent(site.node)
    if not isinstance(up, (*FUNCTIONS, ast.For, ast.While)) or not isinstance(site.scope.node, FUNCTIONS):
        return
    held = _names(node)
    outer = 1.0 if isinstance(up, FUNCTIONS) else 0.3
    for name in _unset(site) if node in up.body else ():
        earlier = {part for one in up.body[: up.body.index(node)] for part in _names(one)}
        for value, weight in _values(site, name).items() if name in held - earlier else ():
            change = site.before(node, (f"{name} = {value}",), weight * outer)
            if change is not None:
                yield change
