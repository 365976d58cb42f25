"""Another way on: `break` for `continue`, `while` for `if`, `elif` for `if`, `yield` for `return`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site


def _keyword(site: Site, old: str, new: str, weight: float) -> Change | None:
    start = site.view.start(site.node)
    if not site.view.text[start:].startswith(old):
        return None
    return site.span(start, start + len(old), new, weight)


@operator(nodes=(ast.Break, ast.Continue, ast.Pass, ast.If, ast.While, ast.Return), share=0.02)
def propose(site: Site) -> Iterator[Change]:
    """Yield the other keywords that fit where this one stands."""
    node = site.node
    offers: dict[type[ast.AST], tuple[tuple[str, str, float], ...]] = {
        ast.Break: (("break", "continue", 2), ("break", "return", 1), ("break", "pass", 1)),
        ast.Continue: (("continue", "break", 2), ("continue", "return", 1), ("continue", "pass", 1)),
        ast.Pass: (("pass", "continue", 1), ("pass", "break", 1), ("pass", "return", 1), ("pass", "raise", 1)),
        ast.If: (("elif", "if", 2),) if node.__class__ is ast.If and node.orelse == [] else (),
        ast.While: (("while", "if", 1),),
        ast.Return: (("return", "yield", 1), ("return", "raise", 0.2)),
    }
    for old, new, weight in offers[type(node)]:
        change = _keyword(site, old, new, weight)
        if change is not None:
            yield change
    if isinstance(node, ast.If) and not node.orelse:
        change = _keyword(site, "if", "while", 1)
        if change is not None:
            yield change
