"""A stream set back to its beginning before it is read."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site

_OPENS = ("open", "StringIO", "BytesIO", "TemporaryFile", "NamedTemporaryFile", "SpooledTemporaryFile")
_MOVES = ("write", "writelines", "read", "readline", "readlines")


def _streams(site: Site) -> Iterator[str]:
    """Yield what the function opens, and what it reads from or writes to."""
    for node in site.scope.nodes:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            func = node.value.func
            if getattr(func, "attr", getattr(func, "id", "")) in _OPENS:
                yield site.code(node.targets[0])
        if isinstance(node, ast.Attribute) and node.attr in _MOVES:
            yield site.code(node.value)
        if isinstance(node, ast.withitem) and isinstance(node.optional_vars, ast.Name):
            yield node.optional_vars.id


@operator(nodes=(ast.Assign, ast.Expr, ast.Return, ast.For), share=0.01)
def propose(site: Site) -> Iterator[Change]:
    """Yield `stream.seek(0)` before a statement that names the stream but does not open it."""
    own = site.code(site.node.iter if isinstance(site.node, ast.For) else site.node)
    bound = {site.code(target) for target in getattr(site.node, "targets", ())}
    for stream in dict.fromkeys(_streams(site)):
        if stream in own and stream not in bound and f"{stream}.seek" not in own:
            change = site.before(site.node, (f"{stream}.seek(0)",))
            if change is not None:
                yield change
