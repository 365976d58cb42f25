"""What a call or a sign was put around, without it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site


@operator(nodes=(ast.Call, ast.UnaryOp, ast.Attribute, ast.Await, ast.Starred), share=0.06)
def propose(site: Site) -> Iterator[Change]:
    """Yield `x` for `f(x)`, `x.f()`, `-x`, `not x` and `x.a`."""
    node = site.node
    if isinstance(node, ast.Call):
        for argument in node.args:
            if not isinstance(argument, ast.Starred):
                yield site.replace(node, site.code(argument), 2.0)
        if isinstance(node.func, ast.Attribute):
            yield site.replace(node, site.code(node.func.value), 2.0)
    elif isinstance(node, ast.UnaryOp):
        yield site.replace(node, site.code(node.operand), 3.0)
    elif isinstance(node, ast.Attribute):
        if isinstance(node.ctx, ast.Load) and site.view.place(node) != "func":
            yield site.replace(node, site.code(node.value), 1.0)
    else:
        yield site.replace(node, site.code(node.value), 2.0)
