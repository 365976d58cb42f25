"""Other bounds of a slice, or a slice for an index and an index for a slice."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site


def _bounds(site: Site, bound: ast.expr | None) -> Iterator[tuple[str, float]]:
    if bound is None:
        offers = [("1", 2.0), ("-1", 2.0), ("2", 0.5), *((name, 1.0) for name in _numbers(site))]
    else:
        own = site.tight(bound)
        offers = [("", 2.0), (f"{own} + 1", 2.0), (f"{own} - 1", 2.0), (f"-{own}", 0.5), ("1", 1.0), ("-1", 1.0)]
        offers += [(name, 1.0) for name in _numbers(site)]
        offers += [(f"{own} - {room}", 2.0) for room in _joined(site)]
        offers += [(f"{own} + {room}", 0.5) for room in (*_held(site), *_numbers(site)) if room != own]
    yield from offers


def _joined(site: Site) -> Iterator[str]:
    """Yield the length of what the slice is joined with: a cut text must leave room for it."""
    up = site.view.parent(site.node)
    for part in (up.left, up.right) if isinstance(up, ast.BinOp) and isinstance(up.op, ast.Add) else ():
        if isinstance(part, ast.Constant) and isinstance(part.value, str | bytes):
            yield str(len(part.value))
        elif isinstance(part, ast.Name | ast.Attribute):
            yield f"len({site.code(part)})"


def _held(site: Site) -> list[str]:
    """Return the whole numbers that the function holds, 0 and 1 left out."""
    values = [node.value for node in site.scope.nodes if isinstance(node, ast.Constant) and type(node.value) is int]
    return [repr(value) for value in dict.fromkeys(values) if value > 1]


def _numbers(site: Site) -> list[str]:
    return [name for name in site.names if site.scope.kinds.get(name, "") in ("int", "")]


@operator(nodes=(ast.Subscript,), share=0.02)
def propose(site: Site) -> Iterator[Change]:
    """Yield the slice with each bound changed; the reverse order; an index as the rest from there on."""
    found = site.node.slice
    if not isinstance(found, ast.Slice):
        index = site.code(found)
        if not isinstance(found, ast.Tuple) and isinstance(site.node.ctx, ast.Load):
            for text in (f"{index}:", f":{index}"):
                yield site.span(site.view.start(found), site.view.end(found), text, 0.5)
        return
    parts = [site.code(part) if part else "" for part in (found.lower, found.upper, found.step)]
    for at, bound in enumerate((found.lower, found.upper, found.step)):
        for text, weight in _bounds(site, bound) if at < 2 else (("-1", 1.0), ("2", 0.5), ("", 1.0)):
            new = [*parts[:at], text, *parts[at + 1 :]]
            if new != parts:
                shown = ":".join(new if new[2] else new[:2])
                yield site.span(site.view.start(found), site.view.end(found), shown, weight)
