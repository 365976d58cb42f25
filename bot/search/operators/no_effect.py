"""A statement that does nothing, as what it was meant to do: `x = 1` for `x == 1`, `x += 1` for `x + 1`, a call."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.operators._symbols import ARITHMETIC, between
from bot.search.site import Change, Site

_TARGETS = (ast.Name, ast.Attribute, ast.Subscript)


@operator(nodes=(ast.Expr,), share=0.3)
def propose(site: Site) -> Iterator[Change]:
    """Yield the assignment for a comparison or sum whose value is dropped, and the call of a name that stands alone.

    The share is high since the operator has something to say only where a statement has no effect.
    """
    value, view = site.node.value, site.view
    end = view.end(value)
    if isinstance(value, ast.Compare) and isinstance(value.left, _TARGETS) and len(value.ops) == 1:
        change = between(site, (value.left, value.comparators[0]), "==", "=", 1.0)
        if change is not None and isinstance(value.ops[0], ast.Eq):
            yield change
    elif isinstance(value, ast.BinOp) and isinstance(value.left, _TARGETS) and type(value.op) in ARITHMETIC:
        sign = ARITHMETIC[type(value.op)]
        change = between(site, (value.left, value.right), sign, f"{sign}=", 1.0)
        if change is not None:
            yield change
    elif isinstance(value, ast.Attribute):
        yield site.span(end, end, "()", 2.0)
        for name in site.names:
            yield site.span(end, end, f"({name})", 1.0)
    elif isinstance(value, ast.Name):
        yield site.span(end, end, "()", 0.5)
        for name in site.names:
            if name != value.id:
                yield site.span(end, end, f".append({name})", 1.0)
                yield site.span(end, end, f".add({name})", 0.3)
