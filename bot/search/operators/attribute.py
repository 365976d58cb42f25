"""Another attribute or method that this object, or others of the file, are used with."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site

_PAIRS = (
    ("append", "extend"), ("add", "update"), ("lower", "upper"), ("strip", "rstrip"), ("strip", "lstrip"),
    ("startswith", "endswith"), ("items", "keys"), ("items", "values"), ("keys", "values"), ("pop", "popleft"),
    ("find", "index"), ("find", "rfind"), ("split", "rsplit"), ("min", "max"), ("islower", "isupper"),
    ("isdigit", "isalpha"), ("isalnum", "isalpha"), ("any", "all"), ("remove", "discard"), ("append", "appendleft"),
    ("partition", "rpartition"), ("read", "readlines"), ("isdigit", "isnumeric"), ("ljust", "rjust"),
    ("search", "match"), ("match", "fullmatch"), ("append", "add"), ("split", "splitlines"), ("floor", "ceil"),
)  # fmt: skip


def _others(site: Site) -> Iterator[tuple[str, float]]:
    node = site.node
    for one, two in _PAIRS:
        if node.attr in (one, two):
            yield (two if node.attr == one else one), 3.0
    for name in site.scope.attributes.get(site.code(node.value), ()):
        yield name, 2.0
    for names in site.scope.attributes.values():
        for name in names:
            yield name, 0.3


@operator(nodes=(ast.Attribute,), share=0.10)
def propose(site: Site) -> Iterator[Change]:
    """Yield the other names for what stands after the dot."""
    node = site.node
    end = site.view.end(node)
    seen = {node.attr}
    for name, weight in _others(site):
        if name not in seen:
            seen.add(name)
            yield site.span(end - len(node.attr), end, name, weight)
