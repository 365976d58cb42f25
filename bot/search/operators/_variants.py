"""Statements of a function with one thing exchanged, as people copy a line and adapt it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.search.site import Site

SIMPLE = (ast.Assign, ast.AugAssign, ast.Expr, ast.Return, ast.Break, ast.Continue, ast.Raise)
LONGEST = 100
_KIN = {"+=": "-=", "-=": "+="}


def simple(site: Site, node: ast.AST) -> bool:
    """Return whether a node is a short statement of one line, no text, that can stand elsewhere."""
    if not isinstance(node, SIMPLE) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
        return False
    return len(site.code(node)) <= LONGEST and "\n" not in site.view.code(node)


def renamed(site: Site, donor: ast.stmt) -> Iterator[tuple[str, float]]:
    """Yield a statement of one line with one variable exchanged at one place, rather for one of the same kind."""
    text, start = site.view.code(donor), site.view.start(donor)
    for part in ast.walk(donor):
        if isinstance(part, ast.Name) and part.id in site.names and "\n" not in text:
            kind = site.scope.kinds.get(part.id, "")
            head, tail = text[: site.view.start(part) - start], text[site.view.end(part) - start :]
            for other in site.names:
                if other != part.id:
                    yield head + other + tail, 1.0 if site.scope.kinds.get(other, "") == kind else 0.5


def adapted(site: Site, donor: ast.stmt) -> Iterator[tuple[str, float]]:
    """Yield a statement as it is, with another number, sign or value, and with one variable exchanged."""
    text, start = site.view.code(donor), site.view.start(donor)
    yield text, 0.7

    def put(part: ast.AST, new: str) -> str:
        return text[: site.view.start(part) - start] + new + text[site.view.end(part) - start :]

    for part in ast.walk(donor):
        if isinstance(part, ast.Constant) and isinstance(part.value, int):
            yield from ((put(part, other), 1.0) for other in _other_values(part.value))
    whole = _given(donor)
    names = (part.id for part in ast.walk(whole) if isinstance(part, ast.Name)) if whole else ()
    for name in dict.fromkeys(names):
        if whole is not None and site.code(whole) != name and name in site.names:
            yield put(whole, name), 1.0
    for old, new in _KIN.items():
        if isinstance(donor, ast.AugAssign) and f" {old} " in text:
            yield text.replace(f" {old} ", f" {new} ", 1), 1.0
    yield from renamed(site, donor)


def _given(donor: ast.stmt) -> ast.expr | None:
    """Return what a statement assigns, returns, or puts in with a call."""
    value = getattr(donor, "value", None)
    if isinstance(donor, ast.Expr) and isinstance(value, ast.Call):
        return value.args[0] if value.args else None
    return value if isinstance(value, ast.expr) else None


def _other_values(value: int) -> tuple[str, ...]:
    if isinstance(value, bool):
        return (repr(not value),)
    return tuple(repr(other) for other in dict.fromkeys((0, 1, -value)) if other != value)
