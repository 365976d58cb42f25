"""An expression kept within a bound: `max(0, e)`, `min(e, v)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site


@operator(nodes=(ast.Name, ast.Call, ast.BinOp, ast.Subscript, ast.Attribute), share=0.02)
def propose(site: Site) -> Iterator[Change]:
    """Yield the larger and the smaller of a number and 0, 1 or a variable."""
    node = site.node
    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del) or site.view.place(node) in ("func", "annotation"):
        return
    if site.scope.kind(node) not in ("", "int", "float") or isinstance(site.view.parent(node), ast.Attribute):
        return
    own = site.code(node)
    place = 2.0 if site.view.place(node) == "value" else 1.0
    for bound, weight in (("0", 2.0), ("1", 1.0), *((name, 1.0) for name in site.names)):
        kind = site.scope.kinds.get(bound, "")
        if bound != own and kind in ("", "int", "float"):
            yield site.replace(node, f"max({bound}, {own})", weight * place)
            yield site.replace(node, f"min({bound}, {own})", weight * place)
