"""Conditions to offer at a place: those of the function itself first, then simple ones on its variables."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.search.site import Site

_SIZED = frozenset({"list", "str", "dict", "set", "tuple", ""})


def conditions(site: Site) -> Iterator[tuple[str, float]]:
    """Yield conditions with weights; what can only be right for another kind of value weighs less or is left out."""
    yield from _own(site)
    for name in site.names:
        yield from _simple(name, site.scope.kinds.get(name, ""))
    yield from _pairs(site)


def _own(site: Site) -> Iterator[tuple[str, float]]:
    for text, node in site.scope.expressions.items():
        if isinstance(node, ast.Compare | ast.UnaryOp) and site.scope.size(node) <= 12:
            yield text, 2.0
        elif isinstance(node, ast.Call | ast.Attribute | ast.Subscript) and site.scope.size(node) <= 6:
            yield text, 0.5
            yield f"not {text}", 0.5
        if isinstance(node, ast.Attribute | ast.Subscript) and site.scope.size(node) <= 5:
            yield f"{text} is None", 0.5
            yield f"{text} is not None", 0.5


def _simple(name: str, kind: str) -> Iterator[tuple[str, float]]:
    yield name, 1.0
    yield f"not {name}", 1.5
    yield f"{name} is None", 1.0 if not kind else 0.3
    yield f"{name} is not None", 1.0 if not kind else 0.3
    if kind in ("int", "float", ""):
        for text in ("== 0", "> 0", "< 0", "== 1", "> 1", "<= 1", "< 1", "<= 0", ">= 0"):
            yield f"{name} {text}", 0.5 if kind else 0.2
    if kind in _SIZED:
        for text in ("== 0", "== 1", "> 1", "< 2"):
            yield f"len({name}) {text}", 0.4 if kind else 0.2


def _pairs(site: Site) -> Iterator[tuple[str, float]]:
    kinds = site.scope.kinds
    for one in site.names:
        for two in site.names:
            if one == two:
                continue
            same = kinds.get(one, "") == kinds.get(two, "")
            if one < two and same:
                yield f"{one} == {two}", 0.4
                yield f"{one} != {two}", 0.3
            if same and kinds.get(one, "") in ("int", "float", ""):
                yield f"{one} < {two}", 0.3
                yield f"{one} <= {two}", 0.2
            if kinds.get(two, "") in _SIZED and kinds.get(two):
                yield f"{one} in {two}", 0.4
                yield f"{one} not in {two}", 0.4
