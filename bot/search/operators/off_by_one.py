"""One more or one less than an expression."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.binding import SUM
from bot.search.site import Change, Site

_NUMBERS = ("", "int", "float")


def _place(site: Site) -> float:
    up = site.view.parent(site.node)
    if site.view.place(site.node) == "test" or isinstance(up, ast.BoolOp | ast.UnaryOp):
        return 0.1  # a truth rather than a number
    if isinstance(up, ast.Slice | ast.Subscript | ast.Compare) and site.view.place(site.node) != "value":
        return 2.0
    if isinstance(up, ast.Call) and isinstance(up.func, ast.Name) and up.func.id == "range":
        return 3.0
    return 0.6 * (site.alike if isinstance(up, ast.Call) else 1.0)


@operator(nodes=(ast.Name, ast.Call, ast.Attribute, ast.BinOp, ast.Subscript), share=0.05)
def propose(site: Site) -> Iterator[Change]:
    """Yield the expression plus and minus one where a number may stand."""
    node = site.node
    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del) or site.view.place(node) in ("func", "annotation"):
        return
    if site.scope.kind(node) not in _NUMBERS or isinstance(site.view.parent(node), ast.Attribute):
        return
    for text in ("+ 1", "- 1"):
        yield site.replace(node, f"{site.bound(node, SUM)} {text}", _place(site))
