"""A statement left out."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site

_KINDS = (ast.Assign, ast.AugAssign, ast.Expr, ast.If, ast.For, ast.While, ast.Return, ast.Raise, ast.Assert, ast.Break,
          ast.Continue, ast.Delete)  # fmt: skip


@operator(nodes=_KINDS, share=0.03)
def propose(site: Site) -> Iterator[Change]:
    """Yield the block without the statement, `pass` where it was the only one; of an `else`, the whole branch."""
    node, view = site.node, site.view
    up, place = view.parent(node), view.place(node)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    block = getattr(up, place, [])
    if view.indent(node) is None or not isinstance(block, list):
        return
    simple = 1.0 if isinstance(node, ast.Assign | ast.AugAssign | ast.Expr | ast.Return) else 0.5
    if len(block) > 1:
        start = view.starts[node.lineno - 1]
        end = min(view.starts[node.end_lineno], len(view.text))
        yield site.span(start, end, "", simple)
    else:
        yield site.span(view.start(node), view.end(node), "pass", simple)
