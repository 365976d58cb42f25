"""One of several values: `kind in ("def", "for")` for `kind == "def"`, of the failing test or the function."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.operators._quoting import literal, usual_quote
from bot.search.site import Change, Site

_SIGNS: dict[type[ast.AST], str] = {ast.Eq: "in", ast.NotEq: "not in"}
_MOST = 12
Value = str | float


def _others(site: Site, value: Value) -> dict[Value, float]:
    """Return other values of the kind: words and numbers of the test, and constants of the function."""
    hints = site.hints
    words = [word for text in hints.strings for word in (text, *text.split())]
    told = words if isinstance(value, str) else list(hints.numbers)
    held = [node.value for node in site.scope.nodes if isinstance(node, ast.Constant)]
    signs = [" ", "\t", "\n"] if isinstance(value, str) and len(value) == 1 and value.isspace() else []
    found: dict[Value, float] = {}
    for values, weight in ((signs, 1.0), (told[:_MOST], 0.7), (held, 0.5)):
        for other in values:
            if type(other) is type(value) and other not in ("", value) and len(str(other)) <= 20:
                found.setdefault(other, weight)
    return dict(list(found.items())[: 2 * _MOST])


@operator(nodes=(ast.Compare,), share=0.008)
def propose(site: Site) -> Iterator[Change]:
    """Yield the comparison with a constant as one with this constant and each other value."""
    node = site.node
    sign = _SIGNS.get(type(node.ops[0])) if len(node.ops) == 1 else None
    given = node.comparators[0]
    value = given.value if isinstance(given, ast.Constant) else None
    if sign is None or not isinstance(value, str | int) or isinstance(value, bool):
        return
    for other, weight in _others(site, value).items():
        shown = [literal(one, usual_quote(site)) if isinstance(one, str) else repr(one) for one in (value, other)]
        yield site.replace(node, f"{site.code(node.left)} {sign} ({', '.join(shown)})", weight)
