"""Conditions to offer at a place: those of the function itself first, then simple ones on its variables."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.search.site import Site

_SIZED = frozenset({"list", "str", "dict", "set", "tuple", ""})


NEAR, READ = 2.0, 4.0  # how much likelier a condition is on what the guarded code names, and on what it reaches into


def conditions(site: Site, guarded: ast.AST | None = None) -> Iterator[tuple[str, float]]:
    """Yield conditions with weights; what can only be right for another kind of value weighs less or is left out."""
    named = {part.id for part in ast.walk(guarded) if isinstance(part, ast.Name)} if guarded else set()
    reached = dict.fromkeys(_reached(site, guarded)) if guarded else {}
    yield from _own(site)
    for text in reached:
        if text not in site.names:
            rows = _simple(text, "", missing=site.hints.missing)
            yield from ((condition, weight * READ) for condition, weight in rows)
    for name in site.names:
        likely = READ if name in reached else NEAR if name in named else 1.0
        for text, weight in _simple(name, site.scope.kinds.get(name, ""), missing=site.hints.missing):
            yield text, weight * likely
    yield from _pairs(site)


def _reached(site: Site, guarded: ast.AST) -> Iterator[str]:
    """Yield the names and attributes of which the guarded code takes an attribute or an element."""
    for part in ast.walk(guarded):
        if isinstance(part, ast.Attribute | ast.Subscript) and isinstance(part.value, ast.Name | ast.Attribute):
            yield site.code(part.value)


def _own(site: Site) -> Iterator[tuple[str, float]]:
    for text, node in site.scope.expressions.items():
        if not site.usable(node):
            continue
        if isinstance(node, ast.Compare | ast.UnaryOp) and site.scope.size(node) <= 12:
            yield text, 2.0
        elif isinstance(node, ast.Call | ast.Attribute | ast.Subscript) and site.scope.size(node) <= 6:
            yield text, 0.5
            yield f"not {text}", 0.5
        if isinstance(node, ast.Attribute | ast.Subscript) and site.scope.size(node) <= 5:
            yield f"{text} is None", 0.5
            yield f"{text} is not None", 0.5


def _simple(name: str, kind: str, *, missing: bool) -> Iterator[tuple[str, float]]:
    yield name, 1.0
    yield f"not {name}", 1.5
    yield f"{name} is None", 3.0 if missing else 1.0 if not kind else 0.3
    yield f"{name} is not None", 3.0 if missing else 1.0 if not kind else 0.3
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
