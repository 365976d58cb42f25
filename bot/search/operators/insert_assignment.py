"""A missing assignment of one variable to another."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site


@operator(nodes=(ast.Assign, ast.AugAssign, ast.Expr, ast.Return, ast.If, ast.For, ast.While), share=0.01)
def propose(site: Site) -> Iterator[Change]:
    """Yield `v = w` before the statement, and after it where it ends its block, for variables of the same kind."""
    kinds = site.scope.kinds
    for one in site.scope.locals:
        for two in site.scope.locals:
            kind, its = kinds.get(one, ""), kinds.get(two, "")
            if one == two or (kind and its and kind != its):
                continue
            yield from site.around((f"{one} = {two}",))
