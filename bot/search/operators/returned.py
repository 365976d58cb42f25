"""Another value returned."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.operators._conditions import conditions
from bot.search.site import Change, Site

_PLAIN = ("None", "True", "False", "[]", "0", "1", "-1", "''", "{}")


@operator(nodes=(ast.Return,), share=0.03)
def propose(site: Site) -> Iterator[Change]:
    """Yield the return of each variable, of expressions used elsewhere and of plain values."""
    value = site.node.value
    if value is None:
        return
    own = site.code(value)
    for name in site.names:
        if name != own:
            yield site.replace(value, name, 2.0)
    for text, donor in site.scope.expressions.items():
        if text != own and site.usable(donor) and not isinstance(donor, ast.Name) and site.scope.size(donor) <= 12:
            yield site.replace(value, text, 1.0 if site.scope.kind(donor) == site.scope.kind(value) else 0.4)
    if isinstance(value, ast.Constant) and isinstance(value.value, bool):
        for text, weight in conditions(site):
            yield site.replace(value, text, weight)
    for text in _PLAIN:
        if text != own:
            yield site.replace(value, text, 0.7)
