"""Another arithmetic operator: `+` for `-`, `//` for `/`, `&` for `^`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.operators._symbols import ARITHMETIC, between
from bot.search.site import Change, Site

_LIKELY = {
    "+": "- * | // /", "-": "+ * % // /", "*": "** + / //", "/": "// * %", "//": "/ * % -", "%": "// / - &", "**": "*",
    "&": "| ^ and", "|": "& ^ or", "^": "& |", "<<": ">>", ">>": "<<",
}  # fmt: skip


@operator(nodes=(ast.BinOp, ast.AugAssign), share=0.02)
def propose(site: Site) -> Iterator[Change]:
    """Yield the other operators, the nearest first."""
    node = site.node
    left, right = (node.left, node.right) if isinstance(node, ast.BinOp) else (node.target, node.value)
    old = ARITHMETIC.get(type(node.op))
    for rank, new in enumerate(_LIKELY.get(old or "", "").split()):
        if isinstance(node, ast.AugAssign) and new.isalpha():
            continue
        change = between(site, (left, right), old or "", new, 1 / (1 + rank))
        if change is not None:
            yield change
