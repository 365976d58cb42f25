"""A condition that asks for less: `c or d`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.operators._conditions import conditions
from bot.search.site import Change, Site


@operator(nodes=(ast.If, ast.While, ast.IfExp, ast.comprehension, ast.Return), share=0.03)
def propose(site: Site) -> Iterator[Change]:
    """Yield each test as an alternative to each condition at hand."""
    node = site.node
    tests: list[ast.expr]
    if isinstance(node, ast.Return):
        tests = [node.value] if isinstance(node.value, ast.Compare | ast.BoolOp) else []
    else:
        tests = node.ifs if isinstance(node, ast.comprehension) else [node.test]
    for test in tests:
        own = site.code(test)
        shown = f"({own})" if isinstance(test, ast.IfExp | ast.Lambda | ast.NamedExpr) else own
        for text, weight in conditions(site, test):
            if text not in own:
                yield site.replace(test, f"{shown} or {text}", weight)
                yield site.replace(test, f"{text} or {shown}", weight * 0.6)
