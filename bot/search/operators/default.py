"""A value for when there is none: `x or y`, `d.get(k)`, `d.get(k, 0)`, `getattr(x, name, None)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.operators._quoting import literal, usual_quote
from bot.search.site import Change, Site

_EMPTY = ("''", "[]", "{}", "0", "()")
_FEW = 8  # texts of the failing test
_ASKING = {"get": 1, "pop": 1, "next": 1, "getattr": 2}  # calls that take a default after so many arguments


def _bytes(site: Site) -> tuple[str, ...]:
    """Return empty bytes where the function deals with bytes."""
    held = any(isinstance(node, ast.Constant) and isinstance(node.value, bytes) for node in site.scope.nodes)
    return ("b''",) if held else ()


def _asked(site: Site) -> Iterator[Change]:
    """Yield a call that looks something up with what it gives when nothing is there."""
    node = site.node
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    if len(node.args) == _ASKING.get(name) and not node.keywords:
        at = site.view.end(node.args[-1])
        for default in ("''", "None", "0", "[]", "{}", "False", *_bytes(site)):
            yield site.span(at, at, f", {default}", 1.5)
        for text in _told(site):
            yield site.span(at, at, f", {literal(text, usual_quote(site))}", 0.5)


def _told(site: Site) -> tuple[str, ...]:
    """Return the last words of the texts that the failing test holds: what stands there when nothing is known."""
    ends = (" ".join(text.split(" ")[-many:]) for text in site.hints.strings[:_FEW] for many in (1, 2))
    return tuple(dict.fromkeys(end for end in ends if end and end.replace(" ", "").isalpha()))


@operator(nodes=(ast.Name, ast.Attribute, ast.Subscript, ast.Call), share=0.04)
def propose(site: Site) -> Iterator[Change]:
    """Yield the expression with a default that is empty or a variable."""
    node = site.node
    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del) or site.view.place(node) in ("func", "annotation"):
        return
    if isinstance(node, ast.Call):
        yield from _asked(site)
    own = site.tight(node)
    kind = site.scope.kind(node)
    if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice) and kind not in ("list", "str"):
        key, value = site.code(node.slice), site.tight(node.value)
        for default in ("", ", 0", ", None", ", []", ", ''", ", {}", ", False"):
            yield site.replace(node, f"{value}.get({key}{default})", 1.0)
        for number in (1, *(one for one in site.hints.numbers[:6] if one not in (0, 1))):
            yield site.replace(node, f"{value}.get({key}, {number!r})", 0.5)
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and site.view.place(node) != "func":
        for default in ("None", "''", "[]", "False"):
            yield site.replace(node, f"getattr({site.code(node.value)}, {node.attr!r}, {default})", 0.5)
    if kind not in ("int", "float", "bool", "list", "dict"):
        for text in (*_EMPTY, *_bytes(site)):
            yield site.replace(node, f"{own} or {text}", 0.7)
        for name in site.names:
            if name != own:
                yield site.replace(node, f"{own} or {name}", 0.3)
