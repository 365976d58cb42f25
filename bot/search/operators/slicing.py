"""Only a part of a sequence, or the whole in the other order."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site

_NOT_SLICED = ("int", "float", "bool", "dict", "set", "NoneType", "function")


@operator(nodes=(ast.Name, ast.Attribute, ast.Subscript, ast.Call), share=0.02)
def propose(site: Site) -> Iterator[Change]:
    """Yield `x[1:]`, `x[:-1]`, `x[v:]`, `x[:v]`, `x[::-1]` where a sequence is iterated, passed on or returned."""
    node = site.node
    place, up = site.view.place(node), site.view.parent(node)
    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del) or isinstance(up, ast.Attribute | ast.Subscript):
        return
    if place not in ("iter", "args", "value", "left", "right", "elts") or site.scope.kind(node) in _NOT_SLICED:
        return
    likely = 3.0 if place == "iter" else 1.0
    own = site.tight(node)
    for text in ("1:", ":-1", "::-1", ":"):
        yield site.replace(node, f"{own}[{text}]", likely)
    for name in site.names:
        if site.scope.kinds.get(name, "") in ("int", "") and name != own:
            yield site.replace(node, f"{own}[{name}:]", likely * 0.7)
            yield site.replace(node, f"{own}[:{name}]", likely * 0.7)
