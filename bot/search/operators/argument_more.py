"""A call with one more argument."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site


def _offers(site: Site) -> Iterator[tuple[str, float]]:
    for name in site.names:
        yield name, 2.0
    for text, donor in site.scope.expressions.items():
        if (
            site.usable(donor)
            and isinstance(donor, ast.Attribute | ast.Constant | ast.Subscript | ast.BinOp)
            and site.scope.size(donor) <= 5
        ):
            yield text, 0.5
    for text in ("True", "False", "None", "0", "1", "-1", "2"):
        yield text, 0.3


@operator(nodes=(ast.Call,), share=0.10)
def propose(site: Site) -> Iterator[Change]:
    """Yield the call with a variable or constant put before, between or after its positional arguments."""
    node, view = site.node, site.view
    if any(isinstance(argument, ast.Starred) for argument in node.args):
        return
    seen = set()
    for text, weight in _offers(site):
        if text in seen:
            continue
        seen.add(text)
        for argument in node.args:
            yield site.span(view.start(argument), view.start(argument), f"{text}, ", 0.5 * weight)
        if node.args:
            yield site.span(view.end(node.args[-1]), view.end(node.args[-1]), f", {text}", weight)
        elif not node.keywords:
            yield site.span(view.end(node) - 1, view.end(node) - 1, text, weight)
