"""A statement on the object itself, as other methods of its class have it, or a call of one of its own methods."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site
from bot.search.view import FUNCTIONS

_SIMPLE = (ast.Assign, ast.AugAssign, ast.Expr)
_MOST = 60


def _methods(site: Site) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return the other methods of the class, where this is one itself."""
    around = site.view.parent(site.scope.node)
    if not isinstance(around, ast.ClassDef) or site.scope.parameters[:1] != ("self",):
        return []
    return [node for node in around.body if isinstance(node, FUNCTIONS) and node is not site.scope.node]


def _offers(site: Site) -> Iterator[tuple[str, float]]:
    """Yield calls of methods that need no argument, then the statements on `self` that can stand here too."""
    for method in _methods(site):
        needed = len(method.args.posonlyargs) + len(method.args.args) - len(method.args.defaults)
        plain = needed == 1 and not method.decorator_list and not method.name.startswith("__")
        if plain and isinstance(method, ast.FunctionDef):
            yield f"self.{method.name}()", 2.0
    for method in _methods(site):
        for node in ast.walk(method):
            if isinstance(node, _SIMPLE) and _fits(site, node):
                yield site.code(node), 1.0


def _fits(site: Site, statement: ast.stmt) -> bool:
    text = site.code(statement)
    names = {part.id for part in ast.walk(statement) if isinstance(part, ast.Name)}
    known = {*site.names, *site.scope.module}
    return text.startswith("self.") and len(text) <= 80 and names <= known


@operator(nodes=(ast.Assign, ast.AugAssign, ast.Expr, ast.Return, ast.If, ast.For, ast.While), share=0.02)
def propose(site: Site) -> Iterator[Change]:
    """Yield each such statement before this one, and after it where it ends its block."""
    own = {site.code(part) for part in site.scope.nodes if isinstance(part, _SIMPLE)}
    for text, weight in list(dict(_offers(site)).items())[:_MOST]:
        if text in own:
            continue
        yield from site.around((text,), weight)
