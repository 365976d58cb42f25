"""An assignment that adds to what is there, or one that does not."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.operators._symbols import ARITHMETIC
from bot.search.site import Change, Site


@operator(nodes=(ast.Assign, ast.AugAssign), share=0.01)
def propose(site: Site) -> Iterator[Change]:
    """Yield `x += y`, `x -= y`, `x *= y` for `x = y`, and `x = y` for `x += y`."""
    node = site.node
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    start, end = site.view.end(target), site.view.start(node.value)
    gap = site.view.text[start:end]
    if "(" in gap or "#" in gap:
        return
    if isinstance(node, ast.AugAssign):
        yield site.span(start, end, " = ", 2.0)
        yield site.span(start, end, f" = {ARITHMETIC[type(node.op)].strip('+*/%&|^<>@')}", 0.5)
    elif len(node.targets) == 1 and not isinstance(target, ast.Tuple):
        for rank, text in enumerate(("+", "-", "*", "|")):
            yield site.span(start, end, f" {text}= ", 2.0 / (1 + rank))
