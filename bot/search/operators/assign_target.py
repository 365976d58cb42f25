"""An assignment to another variable, element or attribute."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site


def _imported(site: Site, donor: ast.expr) -> bool:
    while isinstance(donor, ast.Attribute | ast.Subscript):
        donor = donor.value
    return isinstance(donor, ast.Name) and site.scope.module.get(donor.id) in ("import", "function", "class")


@operator(nodes=(ast.Assign, ast.AugAssign), share=0.02)
def propose(site: Site) -> Iterator[Change]:
    """Yield the elements and attributes that the function reads, and its variables, as the target."""
    node = site.node
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    own = site.code(target)
    for text, donor in site.scope.expressions.items():
        if _imported(site, donor):
            continue  # never reach into other modules
        if isinstance(donor, ast.Subscript | ast.Attribute) and text != own and site.scope.size(donor) <= 7:
            yield site.replace(target, text, 1.0)
    for name in site.names:
        if name != own:
            yield site.replace(target, name, 1.0)
            if not isinstance(target, ast.Subscript | ast.Tuple):
                yield site.replace(target, f"{own}[{name}]", 0.5)
