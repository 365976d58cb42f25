"""What a value says of another: its place in it, how often it holds it, what it keeps for it, or its padded form."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site

_BY_KIND = {
    "list": ("index", "count"),
    "str": ("count", "find", "ljust", "rjust", "join", "zfill"),
    "dict": ("get",),
    "set": ("union", "difference", "intersection"),
    "tuple": ("index", "count"),
    "": ("index", "count", "get"),
}


@operator(nodes=(ast.Name, ast.Attribute, ast.Subscript), share=0.008)
def propose(site: Site) -> Iterator[Change]:
    """Yield `x.index(v)`, `x.count(v)`, `x.get(v)` and the like, by the kind of `x`, for the variables at hand."""
    node = site.node
    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del) or site.view.place(node) in ("func", "annotation"):
        return
    if isinstance(site.view.parent(node), ast.Attribute | ast.Subscript):
        return
    kind, own = site.scope.kind(node), site.tight(node)
    for rank, method in enumerate(_BY_KIND.get(kind, ())):
        for name in site.names:
            if name != own:
                yield site.replace(node, f"{own}.{method}({name})", (1.0 if kind else 0.3) / (1 + rank / 2))
