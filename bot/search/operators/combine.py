"""An expression joined with a variable or a small number: `e + v`, `e * 2`, `e ** 2`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.binding import SUM, TERM
from bot.search.site import Change, Site

_SMALL = ("** 2", "* 2", "// 2", "/ 2", "% 2", "+ 2", "- 2", "** 0.5", "% 10", "* -1")
_USUAL, _ODD = 0.6, 0.15


@operator(nodes=(ast.Name, ast.Call, ast.Attribute, ast.BinOp, ast.Subscript, ast.ListComp), share=0.04)
def propose(site: Site) -> Iterator[Change]:
    """Yield the expression added to, subtracted from, or joined with what is at hand, of the same kind first."""
    node = site.node
    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del) or site.view.place(node) in ("func", "annotation"):
        return
    if isinstance(site.view.parent(node), ast.Attribute):
        return
    own, kind = site.tight(node), site.scope.kind(node)
    if kind in ("", "int", "float"):
        # Outside of a formula a power fits many a small number by chance (3 and 9, 1 and 1), and is rarely meant.
        odd = not isinstance(site.view.parent(node), ast.BinOp)
        for text in _SMALL:
            yield site.replace(node, f"{own} {text}", _ODD if odd and text.startswith("**") else _USUAL)
    for name in site.names:
        its = site.scope.kinds.get(name, "")
        if name == own or (kind and its and kind != its):
            continue
        near = 1.0 if kind == its and kind else 0.6
        yield site.replace(node, f"{site.bound(node, SUM)} + {name}", near)
        if kind in ("", "list", "str", "tuple"):
            yield site.replace(node, f"{name} + {site.bound(node, TERM)}", near)
        if kind in ("", "int", "float"):
            for sign in ("-", "*", "//", "%"):
                yield site.replace(node, f"{own} {sign} {name}", near * 0.5)
