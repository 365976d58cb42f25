"""The other of `and` and `or`, or one of its operands left out."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.binding import NOT
from bot.search.operators._symbols import between
from bot.search.site import Change, Site


@operator(nodes=(ast.BoolOp,), share=0.03)
def propose(site: Site) -> Iterator[Change]:
    """Yield the swapped connective for each gap and for all, then the expression without each operand."""
    node = site.node
    old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
    for left, right in zip(node.values, node.values[1:], strict=False):
        change = between(site, (left, right), old, new, 2.0)
        if change is not None:
            yield change
    if len(node.values) > 2:
        parts = [site.bound(value, NOT) for value in node.values]
        yield site.replace(node, f" {new} ".join(parts), 2.0)
    for skip in range(len(node.values)):
        rest = [site.code(value) for at, value in enumerate(node.values) if at != skip]
        yield site.replace(node, f" {old} ".join(rest), 1.0)
