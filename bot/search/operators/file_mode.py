"""Another mode to open a file in."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.operators._quoting import literal, quote_of
from bot.search.site import Change, Site

_MODES = {
    "r": "rb a r+", "w": "a wb r+", "a": "w ab", "rb": "r", "wb": "w ab", "ab": "a wb", "r+": "a w+ w", "x": "w a",
    "w+": "r+ a+", "a+": "r+ w+", "rt": "rb", "wt": "at",
}  # fmt: skip


@operator(nodes=(ast.Call,), share=0.03)
def propose(site: Site) -> Iterator[Change]:
    """Yield the other modes for `open(path, mode)` and `path.open(mode)`; where none is given, reading bytes."""
    call = site.node
    method = isinstance(call.func, ast.Attribute)
    if (call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")) != "open":
        return
    given = [*call.args[0 if method else 1 :][:1], *(one.value for one in call.keywords if one.arg == "mode")]
    for node in given:
        quote = quote_of(site, node) if isinstance(node, ast.Constant) else ""
        for rank, mode in enumerate(_MODES.get(str(node.value), "").split() if quote else ()):
            yield site.replace(node, literal(mode, quote), 1 / (1 + rank))
    if not given and call.args and not method:
        end = site.view.end(call.args[0])
        yield site.span(end, end, ', "rb"', 0.5)
