"""A condition that asks for more: `c and d`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.operators._conditions import conditions
from bot.search.site import Change, Site


@operator(nodes=(ast.If, ast.While, ast.IfExp, ast.comprehension), share=0.07)
def propose(site: Site) -> Iterator[Change]:
    """Yield each test together with each condition at hand, behind it and, where that matters, before it."""
    tests = site.node.ifs if isinstance(site.node, ast.comprehension) else [site.node.test]
    for test in tests:
        own = site.code(test)
        shown = f"({own})" if isinstance(test, ast.BoolOp | ast.IfExp | ast.Lambda | ast.NamedExpr) else own
        for text, weight in conditions(site, test):
            if text not in own:
                yield site.replace(test, f"{shown} and {text}", weight)
                yield site.replace(test, f"{text} and {shown}", weight * 0.6)
