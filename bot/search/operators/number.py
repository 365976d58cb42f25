"""Another number: one more or less, 0, 1, the opposite, or one that the function uses elsewhere."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site


def _others(site: Site, value: float) -> Iterator[tuple[float, float]]:
    yield value + 1, 3.0
    yield value - 1, 3.0
    for known in (0, 1, 2, -1, 10):
        yield known, 1.0
    if value:
        yield -value, 1.0
    for node in site.scope.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
            yield node.value, 1.0
    if abs(value) >= 2:
        for changed in (value * 2, value // 2 if isinstance(value, int) else value / 2, value * 10, value / 10):
            yield changed, 0.3


@operator(nodes=(ast.Constant,), share=0.10)
def propose(site: Site) -> Iterator[Change]:
    """Yield each other number once."""
    node = site.node
    if type(node.value) not in (int, float):
        return
    seen = {node.value}
    for value, weight in _others(site, node.value):
        if value not in seen:
            seen.add(value)
            yield site.replace(node, repr(value), weight)
