"""Another comparison: `<` for `<=`, `==` for `!=`, `is` for `==`, `in` for `not in`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.operators._symbols import COMPARE, between
from bot.search.site import Change, Site

# The nearer in meaning, the likelier; boundary slips come first (Offutt's relational operator replacement).
_LIKELY: dict[str, dict[str, float]] = {
    "<": {"<=": 4, ">": 2, ">=": 2, "!=": 1, "==": 0.5},
    "<=": {"<": 4, ">=": 2, ">": 2, "==": 1, "!=": 0.5},
    ">": {">=": 4, "<": 2, "<=": 2, "!=": 1, "==": 0.5},
    ">=": {">": 4, "<=": 2, "<": 2, "==": 1, "!=": 0.5},
    "==": {"!=": 4, "<=": 1, ">=": 1, "is": 0.5, "in": 1, "<": 0.5, ">": 0.5, "is not": 0.3},
    "!=": {"==": 4, "<": 1, ">": 1, "is not": 0.5, "not in": 1, ">=": 0.3, "<=": 0.3},
    "is": {"is not": 3, "==": 3, "in": 0.5},
    "is not": {"is": 3, "!=": 3, "not in": 0.5},
    "in": {"not in": 4, "==": 2},
    "not in": {"in": 4, "!=": 2},
}


@operator(nodes=(ast.Compare,), share=0.03)
def propose(site: Site) -> Iterator[Change]:
    """Yield the other comparisons of each pair of operands."""
    node = site.node
    left = node.left
    for op, right in zip(node.ops, node.comparators, strict=True):
        old = COMPARE[type(op)]
        for new, weight in _LIKELY[old].items():
            change = between(site, (left, right), old, new, weight)
            if change is not None:
                yield change
        left = right
