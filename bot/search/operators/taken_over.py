"""What an object has already, where something is built up from nothing: `getattr(base, "fields", {})` for `{}`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.operators._quoting import literal, usual_quote
from bot.search.site import Change, Site

_PLAIN = ("int", "float", "str", "bool")


@operator(nodes=(ast.Assign,), share=0.01)
def propose(site: Site) -> Iterator[Change]:
    """Yield, for an empty collection that a variable gets, what each other variable holds under the same name."""
    node = site.node
    target, value = node.targets[0], node.value
    empty = not getattr(value, "keys" if isinstance(value, ast.Dict) else "elts", True)
    if len(node.targets) != 1 or not isinstance(target, ast.Name) or not empty or isinstance(value, ast.Tuple):
        return
    name = literal(target.id, usual_quote(site))
    for other in site.names:
        if other != target.id and site.scope.kinds.get(other, "") not in _PLAIN:
            yield site.replace(value, f"getattr({other}, {name}, {site.code(value)})")
