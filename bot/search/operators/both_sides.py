"""Both sides of a comparison taken alike: their sets, their lengths, in lower case."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.binding import ATOM
from bot.search.site import Change, Site

_FUNCTIONS = ("set", "sorted", "len", "str", "int", "abs", "list", "float", "tuple")
_METHODS = ("lower()", "strip()")
_NUMBERS = ("int", "float", "bool")


@operator(nodes=(ast.Compare,), share=0.005)
def propose(site: Site) -> Iterator[Change]:
    """Yield the comparison of two expressions with the same call around, or on, both of them."""
    node, view = site.node, site.view
    if len(node.ops) != 1 or isinstance(node.ops[0], ast.Is | ast.IsNot):
        return
    sides = (node.left, node.comparators[0])
    if any(isinstance(side, ast.Constant) for side in sides):
        return
    for name in _FUNCTIONS:
        yield Change(tuple((view.start(side), view.end(side), f"{name}({site.code(side)})") for side in sides))
    if any(site.scope.kind(side) in _NUMBERS for side in sides):
        return
    for text in _METHODS:
        spans = tuple((view.start(side), view.end(side), f"{site.bound(side, ATOM)}.{text}") for side in sides)
        yield Change(spans, 0.5)
