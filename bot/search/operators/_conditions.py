"""Conditions to offer at a place: those of the function itself first, then simple ones on its variables."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.search.binding import BIT_OR
from bot.search.operators._quoting import literal, usual_quote
from bot.search.site import Site

_SIZED = frozenset({"list", "str", "dict", "set", "tuple", ""})
_ORDER: dict[type[ast.AST], tuple[str, ...]] = {
    ast.Lt: (">", "==", "!=", "<=", ">="), ast.LtE: (">", "==", "!=", "<", ">="), ast.Gt: ("<", "==", "!=", ">=", "<="),
    ast.GtE: ("<", "==", "!=", ">", "<="), ast.Eq: ("!=", "<", ">"), ast.NotEq: ("==", "<", ">"),
    ast.In: ("not in",), ast.NotIn: ("in",), ast.Is: ("is not",), ast.IsNot: ("is",),
}  # fmt: skip
_ASKED = ("isdigit()", "isupper()", "islower()", "isalpha()", "isspace()")
_FEW = 4  # numbers, texts and elements of the function that conditions are made of

MISSING = 4.0  # how much likelier, and others less likely, where the tests fail because something is missing
NEAR, READ = 2.0, 4.0  # how much likelier a condition is on what the guarded code names, and on what it reaches into


def conditions(site: Site, guarded: ast.AST | None = None) -> Iterator[tuple[str, float]]:
    """Yield conditions with weights; what can only be right for another kind of value weighs less or is left out."""
    named = {part.id for part in ast.walk(guarded) if isinstance(part, ast.Name)} if guarded else set()
    reached = dict.fromkeys(_reached(site, guarded)) if guarded else {}
    absent = bool(site.hints.missing and named)
    others = 1 / MISSING if absent else 1.0
    yield from ((text, weight * others) for text, weight in _own(site))
    for text in reached:
        if text not in site.names:
            rows = _simple(text, "", missing=site.hints.missing)
            yield from ((condition, weight * READ) for condition, weight in (*rows, *_special(site, text)))
    for name in site.names:
        likely = READ if name in reached else NEAR if name in named else others
        likely *= MISSING if absent and name in named else 1.0
        for text, weight in _simple(name, site.scope.kinds.get(name, ""), missing=site.hints.missing):
            yield text, weight * likely
        for text, weight in _special(site, name):
            yield text, weight * likely
    yield from ((text, weight * others) for text, weight in (*_pairs(site), *_elements(site)))


def turned(site: Site, test: ast.expr) -> Iterator[str]:
    """Yield a comparison of two values with each other sign; nothing for other conditions."""
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        left, right = site.bound(test.left, BIT_OR), site.bound(test.comparators[0], BIT_OR)
        for sign in _ORDER[type(test.ops[0])]:
            yield f"{left} {sign} {right}"


def _special(site: Site, name: str) -> Iterator[tuple[str, float]]:
    """Yield conditions on a variable that take what the function itself holds: its numbers and texts, parity."""
    kind = site.scope.kinds.get(name, "")
    held = [node.value for node in site.scope.nodes if isinstance(node, ast.Constant)]
    if kind == "int":
        for text in ("% 2 == 0", "% 2 == 1"):
            yield f"{name} {text}", 0.3
        numbers = dict.fromkeys(value for value in held if type(value) in (int, float) and value not in (0, 1))
        for number in list(numbers)[:_FEW]:
            yield from ((f"{name} {sign} {number!r}", 0.2) for sign in (">", "<", "==", ">=", "<="))
    if kind == "str":
        yield from ((f"{name}.{asked}", 0.25) for asked in _ASKED)
    if kind in ("str", ""):
        texts = dict.fromkeys(value for value in held if isinstance(value, str) and 0 < len(value) <= 12)
        for value in list(texts)[:_FEW]:
            own = literal(value, usual_quote(site))
            yield from ((text, 0.3 if kind else 0.1) for text in (f"{name} == {own}", f"{name} != {own}"))
            yield from ((text, 0.3 if kind else 0.1) for text in (f"{own} in {name}", f"{own} not in {name}"))


def _elements(site: Site) -> Iterator[tuple[str, float]]:
    """Yield comparisons of the elements and attributes that the function reads."""
    read = [
        (text, node)
        for text, node in site.scope.expressions.items()
        if isinstance(node, ast.Subscript | ast.Attribute) and site.scope.size(node) <= 6 and site.usable(node)
    ]
    chosen = [
        text
        for text, node in read
        if not isinstance(getattr(node, "slice", None), ast.Slice) and not _called(site, node)
    ]
    for at, one in enumerate(chosen[:_FEW]):
        for two in chosen[at + 1 : _FEW]:
            yield from ((f"{one} {sign} {two}", 0.3) for sign in ("<", ">", "==", "!="))


def _called(site: Site, node: ast.AST) -> bool:
    return site.view.place(node) == "func"


def _reached(site: Site, guarded: ast.AST) -> Iterator[str]:
    """Yield the names and attributes of which the guarded code takes an attribute or an element."""
    for part in ast.walk(guarded):
        if isinstance(part, ast.Attribute | ast.Subscript) and isinstance(part.value, ast.Name | ast.Attribute):
            yield site.code(part.value)


def _own(site: Site) -> Iterator[tuple[str, float]]:
    for text, node in site.scope.expressions.items():
        if not site.usable(node) or site.view.place(node) == "func":
            continue
        if isinstance(node, ast.Compare | ast.UnaryOp) and site.scope.size(node) <= 12:
            yield text, 2.0
            yield from ((other, 0.5) for other in turned(site, node))
        elif isinstance(node, ast.Call | ast.Attribute | ast.Subscript) and site.scope.size(node) <= 6:
            yield text, 0.5
            yield f"not {text}", 0.5
        if isinstance(node, ast.Attribute | ast.Subscript) and site.scope.size(node) <= 5:
            yield f"{text} is None", 0.5
            yield f"{text} is not None", 0.5


def _simple(name: str, kind: str, *, missing: bool) -> Iterator[tuple[str, float]]:
    yield name, 3.0 if missing else 1.0
    yield f"not {name}", 3.0 if missing else 1.5
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
