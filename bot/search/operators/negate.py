"""The opposite of a condition."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site


@operator(nodes=(ast.If, ast.While, ast.IfExp, ast.comprehension, ast.BoolOp, ast.Return), share=0.02)
def propose(site: Site) -> Iterator[Change]:
    """Yield the condition with `not` before it, or without the one it has; so for each operand of `and` and `or`."""
    node = site.node
    tests: list[ast.expr | None]
    if isinstance(node, ast.comprehension):
        tests = list(node.ifs)
    elif isinstance(node, ast.BoolOp):
        tests = list(node.values)
    else:
        tests = [node.value if isinstance(node, ast.Return) else node.test]
    for test in tests:
        if test is None or isinstance(test, ast.BoolOp):
            continue
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            yield site.replace(test, site.code(test.operand))
        elif not isinstance(node, ast.Return) or isinstance(test, ast.Compare | ast.Call):
            yield site.replace(test, f"not {site.tight(test)}")
