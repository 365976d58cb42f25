"""A result that is worked out and not given back: `return` before an expression, or at the end of the function."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site
from bot.search.view import FUNCTIONS


def _gives(site: Site) -> bool:
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in site.scope.nodes)


@operator(nodes=(ast.Expr, ast.Assign, ast.AugAssign, ast.For, ast.While, ast.With, ast.Try, ast.If), share=0.02)
def propose(site: Site) -> Iterator[Change]:
    """Yield `return x` for a bare `x`, and behind the last statement the variables of a function that gives nothing."""
    node, view, function = site.node, site.view, site.scope.node
    if not isinstance(function, FUNCTIONS) or _gives(site):
        return
    if isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant):
        yield site.span(view.start(node), view.start(node), "return ", 2.0)
    returns = any(isinstance(part, ast.Return) and part.value is not None for part in site.scope.nodes)
    if function.body[-1] is not node or (returns and not isinstance(node, ast.For | ast.While)):
        return
    kept = [name for name in site.scope.assigned if name not in site.scope.loop_only]
    filled = [name for name in kept if site.scope.kinds.get(name, "") in ("dict", "list", "set")]
    for rank, name in enumerate(dict.fromkeys((*filled, *reversed(kept)))):
        change = site.after(node, (f"return {name}",), 1.0 / (1 + rank))
        if change is not None:
            yield change
