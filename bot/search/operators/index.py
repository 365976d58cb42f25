"""A value for its element, or an element for the whole."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site

_SIMPLE = ("int", "float", "bool", "NoneType", "function")


@operator(nodes=(ast.Name, ast.Attribute, ast.Subscript, ast.Call), share=0.03)
def propose(site: Site) -> Iterator[Change]:
    """Yield `x`, `sum(x)` and the like for `x[i]`, and `x[0]`, `x[-1]`, `x[v]` for `x`."""
    node = site.node
    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del) or site.view.place(node) in ("func", "annotation"):
        return
    if isinstance(node, ast.Subscript):
        yield site.replace(node, site.code(node.value), 3.0)
        if not isinstance(node.slice, ast.Slice):
            for name in ("sum", "len", "max", "min"):
                yield site.replace(node, f"{name}({site.code(node.value)})", 0.7)
    if site.scope.kind(node) in _SIMPLE or isinstance(site.view.parent(node), ast.Attribute):
        return
    own = site.tight(node)
    for text, weight in (("0", 1.5), ("-1", 1.0), ("1", 0.7)):
        yield site.replace(node, f"{own}[{text}]", weight)
    for name in site.names:
        if name != own:
            yield site.replace(node, f"{own}[{name}]", 0.5)
