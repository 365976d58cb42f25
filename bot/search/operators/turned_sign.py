"""The two signs of an augmented assignment the right way round: `x += 1` for `x =+ 1`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site


@operator(nodes=(ast.Assign,), share=0.9)
def propose(site: Site) -> Iterator[Change]:
    """Yield `x += y` for `x =+ y`, and `x -= y` for `x =- y`.

    The share is high since the operator has something to say only where signs stand so, which is hardly ever meant.
    """
    node, view = site.node, site.view
    value, target = node.value, node.targets[-1]
    if len(node.targets) > 1 or isinstance(target, ast.Tuple | ast.List) or not isinstance(value, ast.UnaryOp):
        return
    start, end, inner = view.end(target), view.start(value), view.start(value.operand)
    before, after = view.text[start:end], view.text[end + 1 : inner]
    apart = before[:1] == " " or after[:1] == " "  # `x=-1` is a way to write `x = -1`
    if apart and before.strip(" ") == "=" == before[-1:] and not after.strip(" ") and view.text[end] in "+-":
        yield site.span(start, inner, f" {view.text[end]}= ")
