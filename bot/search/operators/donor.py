"""Another expression of the same function in the place of this one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site

_PLAIN = (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.BinOp, ast.Constant)


def _weight(site: Site, donor: ast.expr) -> float:
    mine, its = site.scope.kind(site.node), site.scope.kind(donor)
    kind = 1.0 if mine == its else (0.6 if not (mine and its) else 0.2)
    form = 1.5 if type(donor) is type(site.node) else 0.3 if isinstance(donor, ast.Constant) else 1.0
    return kind * form / (1 + site.scope.size(donor) / 6)


@operator(nodes=(ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.BinOp), share=0.13)
def propose(site: Site) -> Iterator[Change]:
    """Yield the expressions that the function reads elsewhere, small ones first."""
    node = site.node
    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del) or site.view.place(node) in ("func", "annotation"):
        return
    own = site.code(node)
    for text, donor in site.scope.expressions.items():
        both_names = isinstance(node, ast.Name) and isinstance(donor, ast.Name)
        if text == own or both_names or not isinstance(donor, _PLAIN) or site.scope.size(donor) > 9:
            continue
        if not site.usable(donor):
            continue
        yield site.replace(node, text, _weight(site, donor))
