"""A statement that the function has elsewhere, as it is or with one variable exchanged."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.operators._variants import LONGEST, SIMPLE, renamed
from bot.search.site import Change, Site


def _donors(site: Site) -> Iterator[tuple[str, float]]:
    for node in site.scope.nodes:
        if isinstance(node, SIMPLE) and not _text(node) and len(site.code(node)) <= LONGEST:
            yield site.code(node), 1.5
            yield from renamed(site, node)


def _text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


@operator(nodes=(ast.Assign, ast.AugAssign, ast.Expr, ast.Return, ast.If, ast.For, ast.While, ast.Try), share=0.05)
def propose(site: Site) -> Iterator[Change]:
    """Yield each such statement before this one, and after it where it ends its block."""
    own = site.code(site.node)
    for text, weight in dict(_donors(site)).items():
        if text != own:
            yield from site.around((text,), weight)
    yield from _leftovers(site) if isinstance(site.node, ast.For | ast.While) else ()


def _leftovers(site: Site) -> Iterator[Change]:
    """Yield, after a loop, what it does with a collection that it fills, for what is left in it at the end."""
    for statement in ast.walk(site.node):
        if not isinstance(statement, ast.Expr) or len(site.code(statement)) > LONGEST:
            continue
        names = (part.id for part in ast.walk(statement) if isinstance(part, ast.Name))
        for name in dict.fromkeys(name for name in names if name in site.scope.assigned):
            change = site.after(site.node, (f"if {name}:", f"    {site.code(statement)}"), 1.0)
            if change is not None:
                yield change
