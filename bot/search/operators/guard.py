"""A statement before this one that leaves early under a condition."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.operators._conditions import conditions
from bot.search.operators._quoting import literal, usual_quote
from bot.search.site import Change, Site

_FEW, _TOLD = 6, 1.2  # literals of the failing test that are offered as results, and how likely each is
_SIGNS = (" == ", " < ", " <= ", " > ", " >= ", " in ", " is ")
_USUAL = (" is not None", " > 0", " >= 0", " > 1")
_LOOPS = (ast.For, ast.While, ast.AsyncFor)


def _exits(site: Site) -> Iterator[tuple[str, float]]:
    inside = next((up for up in site.view.above(site.node) if isinstance(up, _LOOPS)), None)
    if inside is not None:
        yield "continue", 1.5
        yield "break", 1.0
    returned = [node.value for node in site.scope.nodes if isinstance(node, ast.Return)]
    texts = dict.fromkeys(site.code(value) for value in returned if value is not None and site.scope.size(value) <= 6)
    for text in texts:
        yield f"return {text}", 1.5
    truths = {site.scope.kind(value) for value in returned if value is not None} <= {"", "bool"}
    for name in site.scope.parameters[:4]:
        yield f"return {name}", 0.7
    for text, weight in (
        ("None", 1.5),
        ("[]", 0.7),
        ("0", 0.7),
        ("False", 0.7),
        ("True", 0.7),
        ("''", 0.3),
        ("1", 0.3),
    ):
        likely = weight if truths or text not in ("True", "False") else 0.1
        yield ("return" if text == "None" else f"return {text}"), likely


def _told(site: Site) -> Iterator[str]:
    """Yield the ways to leave with what the failing test names: an answer to something out of the ordinary."""
    # A fraction is what a formula comes to, not what stands for something out of the ordinary.
    numbers = [number for number in site.hints.numbers[:_FEW] if float(number).is_integer()]
    values: list[str | float] = [*site.hints.strings[:_FEW], *numbers]
    for value in values:
        yield f"return {_literal(site, value)}"


def _literal(site: Site, value: str | float) -> str:
    return literal(value, usual_quote(site)) if isinstance(value, str) else repr(value)


def _usual(condition: str) -> bool:
    """Return whether a condition holds for most inputs: one fixed answer for all of them would be a copied test."""
    compared = condition.startswith("not ") or any(sign in condition for sign in _SIGNS)
    flag = "." in condition and condition.replace(".", "").isidentifier()
    return not (compared or flag) or condition.endswith(_USUAL) or " != " in condition


def _first(statement: ast.stmt) -> ast.AST:
    """Return the part of a statement that runs first: of a compound one its test or what it iterates over."""
    found: ast.AST = getattr(statement, "test", None) or getattr(statement, "iter", None) or statement
    return found


@operator(nodes=(ast.Assign, ast.AugAssign, ast.Expr, ast.Return, ast.If, ast.For, ast.While), share=0.05)
def propose(site: Site) -> Iterator[Change]:
    """Yield `if condition: leave` for the conditions at hand and the ways to leave that fit the place."""
    if site.view.place(site.node) not in ("body", "orelse", "finalbody"):
        return
    exits = dict(_exits(site))
    every = exits | {leave: _TOLD for leave in _told(site) if leave not in exits}
    chosen = sorted(dict(conditions(site, _first(site.node))).items(), key=lambda row: -row[1])[:60]
    for condition, weight in chosen:
        for leave, likely in (exits if _usual(condition) else every).items():
            change = site.before(site.node, (f"if {condition}:", f"    {leave}"), weight * likely)
            if change is not None:
                yield change
