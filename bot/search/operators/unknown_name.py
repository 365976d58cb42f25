"""A variable for a name that nothing binds, the most alike first."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.scope import builtin, within
from bot.search.site import Change, Site
from bot.search.view import FUNCTIONS


def _unknown(site: Site) -> bool:
    name = site.node.id
    around = [site.scope.node, *site.view.above(site.scope.node)]
    tops = [up for up in around if isinstance(up, (*FUNCTIONS, ast.Module))]
    if name in site.names or builtin([name]) or not isinstance(site.node.ctx, ast.Load):
        return False
    return not any(name in _bound(part) for top in tops for part in within(top))


def _bound(node: ast.AST) -> tuple[str | None, ...]:
    """Return the names that a node binds by itself."""
    if isinstance(node, ast.Name):
        return (node.id,) if not isinstance(node.ctx, ast.Load) else ()
    if isinstance(node, ast.alias):
        return ((node.asname or node.name).partition(".")[0], node.name)
    return (getattr(node, "name", None), getattr(node, "arg", None), getattr(node, "rest", None))


@operator(nodes=(ast.Name,), share=0.2)
def propose(site: Site) -> Iterator[Change]:
    """Yield the variables in scope, those of the module, and `self.name` in a method.

    The share is high since the operator has something to say only where a name is unknown.
    """
    from difflib import SequenceMatcher

    if not _unknown(site):
        return
    name = site.node.id
    offers = [*site.names, *site.scope.module]
    offers += [f"self.{name}"] if "self" in site.names else []
    for other in dict.fromkeys(offers):
        alike = SequenceMatcher(None, name, other.rpartition(".")[2], autojunk=False).ratio()
        yield site.replace(site.node, other, 0.1 + 4 * alike**2)
