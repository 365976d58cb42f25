"""Another variable that is in scope, rather of the same kind."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site


def _weight(site: Site, other: str) -> float:
    mine, its = site.scope.kinds.get(site.node.id, ""), site.scope.kinds.get(other, "")
    kind = 1.0 if mine == its else (0.7 if not (mine and its) else 0.25)
    return kind * (1.5 if other in site.scope.parameters else 1.0)


@operator(nodes=(ast.Name,), share=0.24)
def propose(site: Site) -> Iterator[Change]:
    """Yield every other variable, and what the object holds under the name.

    Functions and modules are left to the operators of calls.
    """
    node = site.node
    variables = site.names
    if node.id not in variables and site.scope.module.get(node.id) != "variable":
        return
    constants = tuple(name for name, kind in site.scope.module.items() if kind == "variable")
    for other in variables:
        if other != node.id:
            yield site.replace(node, other, _weight(site, other))
    if isinstance(node.ctx, ast.Load):
        if "self" in variables and node.id in site.scope.attributes.get("self", ()):
            yield site.replace(node, f"self.{node.id}", 1.0)
        for other in constants:
            if other != node.id and other not in variables:
                yield site.replace(node, other, 0.3)
