"""Another way to lay out a value in a formatted string: its alignment, sign, width, precision or kind."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import re2

from bot.registry import operator
from bot.search.site import Change, Site

_SPEC = re2.compile(r"^((?:.)?[<>=^])?([+ -])?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([bcdeEfFgGnosxX%])?$")
_MOST = 200
_PLAIN = {
    ":02d": 2.0,
    ":.2f": 2.0,
    ":02": 1.0,
    ":.1f": 1.0,
    ":,": 1.0,
    "!r": 1.0,
    ":,.2f": 0.7,
    ":.0f": 0.5,
    ":03d": 0.5,
}


def _others(spec: str) -> Iterator[tuple[str, float]]:
    """Yield other layouts, by the mini-language of the library reference ("Format Specification Mini-Language")."""
    found = _SPEC.search(spec)
    if found is None:
        return
    align, sign, alternate, zero, width, group, precision, kind = (part or "" for part in found.groups())

    def joined(**other: str) -> str:
        own = {"align": align, "sign": sign, "zero": zero, "width": width, "group": group, "kind": kind}
        part = {**own, "precision": f".{precision}" if precision else "", **other}
        head = f"{part['align']}{part['sign']}{alternate}{part['zero']}{part['width']}"
        return f"{head}{part['group']}{part['precision']}{part['kind']}"

    fill = align[:-1]
    for one in "<>^":
        yield joined(align=fill + one), 2.0
    for number in _near(width):
        yield joined(width=number), 1.5
    for number in _near(precision):
        yield joined(precision=f".{number}"), 1.5
    if not precision:
        yield joined(precision=".2", kind="f"), 1.0
        yield joined(precision=".1", kind="f"), 0.5
    for one in ("", "f", "d", "%", "x", "e", "g"):
        yield joined(kind=one), 0.5
    for one in ("", ",", "_"):
        yield joined(group=one), 0.7
    for one in ("", "0"):
        yield joined(zero=one), 0.7
    for one in ("", "+"):
        yield joined(sign=one), 0.5


def _near(number: str) -> tuple[str, ...]:
    value = int(number) if number and len(number) < 4 else -1
    return tuple(str(one) for one in (value + 1, value - 1, value + 2, value - 2) if one >= 0) if value >= 0 else ()


@operator(nodes=(ast.JoinedStr,), share=0.02)
def propose(site: Site) -> Iterator[Change]:
    """Yield other layouts for each value whose layout stands in the string as plain text."""
    view = site.view
    start, end = view.start(site.node), view.end(site.node)
    whole = view.text[start:end]
    for text in filter(None, map(_layout, site.node.values)):
        code = f":{text}}}"
        if len(text) > _MOST or whole.count(code) != 1:
            continue
        at = start + whole.index(code) + 1
        for other, weight in dict(_others(text)).items():
            if other != text:
                yield site.span(at, at + len(text), other, weight)
    if view.place(site.node) != "format_spec":
        yield from _all_alike(site)


def _all_alike(site: Site) -> Iterator[Change]:
    """Yield the values of a formatted string that have no layout with the same new one, each alone and all together."""
    view = site.view
    parts = [part for part in site.node.values if isinstance(part, ast.FormattedValue) and not part.format_spec]
    start, end = view.start(site.node), view.end(site.node)
    whole, places = view.text[start:end], []
    for part in parts:
        code = f"{{{ast.unparse(part.value)}}}"
        if part.conversion != -1 or whole.count(code) != 1:
            return
        places.append(start + whole.index(code) + len(code) - 1)
    for spec, weight in _PLAIN.items():
        if len(places) > 1:
            yield Change(tuple((at, at, spec) for at in places), weight)
        for at in places:
            yield site.span(at, at, spec, weight / 2)


def _layout(value: ast.expr) -> str:
    """Return the layout of one value of a formatted string, empty where it has none or one that is worked out."""
    spec = value.format_spec if isinstance(value, ast.FormattedValue) else None
    parts = spec.values if isinstance(spec, ast.JoinedStr) else []
    only = parts[0] if len(parts) == 1 else None
    return str(only.value) if isinstance(only, ast.Constant) else ""
