"""One operand of an operation alone, or the two exchanged."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site


@operator(nodes=(ast.BinOp,), share=0.02)
def propose(site: Site) -> Iterator[Change]:
    """Yield the left and the right operand alone, `a + c` for `a * b + c`, and the operation turned round."""
    node, view = site.node, site.view
    left, right = site.code(node.left), site.code(node.right)
    yield site.replace(node, left)
    yield site.replace(node, right)
    if isinstance(node.left, ast.BinOp) and not view.grouped(node.left):
        gap = view.text[view.end(node.left.left) : view.start(node.left.right)]
        first = view.end(node.left.left) + gap.rfind(")") + 1
        yield site.span(first, view.end(node.left), "")
    if left != right and not isinstance(node.op, ast.Mult | ast.BitAnd | ast.BitOr | ast.BitXor):
        yield Change(
            ((view.start(node.left), view.end(node.left), site.tight(node.right)),
             (view.start(node.right), view.end(node.right), site.tight(node.left)))
        )  # fmt: skip
