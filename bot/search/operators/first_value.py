"""Another first value for what a loop builds up: the first element, or an infinity, instead of a number."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site

_NEUTRAL = {"None": 0.5, "float('-inf')": 0.7, "float('inf')": 0.7}


def _looped(site: Site) -> Iterator[str]:
    """Yield what the loops of the function go over, where that is a name or an attribute."""
    for node in site.scope.nodes:
        if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            iterated = node.iter.value if isinstance(node.iter, ast.Subscript) else node.iter
            if isinstance(iterated, ast.Name | ast.Attribute):
                yield site.code(iterated)


@operator(nodes=(ast.Assign,), share=0.03)
def propose(site: Site) -> Iterator[Change]:
    """Yield `x[0]` for each `x` that is looped over, and values that any other is less or greater than."""
    node = site.node
    value, target = node.value, node.targets[0]
    start = value.operand if isinstance(value, ast.UnaryOp) else value
    number = isinstance(start, ast.Constant) and (start.value is None or type(start.value) in (int, float))
    if not number or not isinstance(target, ast.Name):
        return
    compared = any(
        isinstance(part, ast.Name) and part.id == target.id
        for node in site.scope.nodes
        if isinstance(node, ast.Compare) or (isinstance(node, ast.Call) and site.code(node.func) in ("min", "max"))
        for part in ast.walk(node)
    )
    for text in dict.fromkeys(_looped(site)) if compared else ():
        yield site.replace(value, f"{text}[0]", 2.0)
    for text, weight in _NEUTRAL.items() if compared else ():
        if text != site.code(value):
            yield site.replace(value, text, weight)
