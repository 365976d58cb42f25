"""Another condition altogether, of those at hand."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.operators._conditions import conditions
from bot.search.site import Change, Site


@operator(nodes=(ast.If, ast.While, ast.IfExp, ast.comprehension, ast.Compare), share=0.04)
def propose(site: Site) -> Iterator[Change]:
    """Yield each condition at hand in the place of a test; plain truth last."""
    node = site.node
    tests: list[ast.expr]
    if isinstance(node, ast.Compare):
        tests = [node] if isinstance(site.view.parent(node), ast.BoolOp) else []
    else:
        tests = node.ifs if isinstance(node, ast.comprehension) else [node.test]
    for test in tests:
        own = site.code(test)
        for text, weight in conditions(site):
            if text != own:
                yield site.replace(test, text, weight)
        if not isinstance(node, ast.comprehension):
            yield site.replace(test, "True", 0.3)
            yield site.replace(test, "False", 0.3)
