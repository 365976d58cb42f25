"""The simplest equal form: what an edit leaves as `n - 0`, `x + -1` or `not a == b` is written `n`, `x - 1`, `a != b`.

Only where an edit reaches, and only where both forms give the same for numbers and whatever else compares as they do.
A sum with nothing, a product with one or a `range` from 0 that the project's own code holds is none of our business.
"""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import replace

from bot.search.binding import binding_of
from bot.search.values import Candidate, Edit
from bot.search.view import View

_NEGATED: dict[type[ast.AST], str] = {
    ast.Eq: "!=", ast.NotEq: "==", ast.Is: "is not", ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in",
}  # fmt: skip
_OPPOSITE: dict[type[ast.AST], str] = {ast.Add: "-", ast.Sub: "+"}
MOST = 4  # times that a fold makes room for another


def folded(candidate: Candidate, text: str) -> Candidate:
    """Return the candidate, for a file of this text, with what it changes in its simplest form.

    Candidates with edits in several files or in files that do not parse are returned as they are.
    """
    if len(candidate.files) != 1 or not candidate.files[0].endswith(".py"):
        return candidate
    file = candidate.files[0]
    first = now = candidate.apply(file, text)
    for _ in range(MOST):
        now = _fold(file, text, now)
    return candidate if now in (first, text) else replace(candidate, edits=(difference(file, text, now),))


def _fold(file: str, before: str, text: str) -> str:
    """Return the text with one fold made where it differs from before."""
    try:
        view = View(file, text)
    except (SyntaxError, ValueError, RecursionError):
        return text
    head, tail = ends(before, text)
    for node in ast.walk(view.tree):
        if not isinstance(node, ast.expr) or "\n" in view.code(node):
            continue
        reached = view.start(node) <= max(head, len(text) - tail) and view.end(node) >= head
        simple = _simpler(view, node) if reached and view.code(node) not in before else None
        if simple is not None:
            start, end, shown = view.replacement(node, simple)
            return text[:start] + shown + text[end:]
    return text


def _simpler(view: View, node: ast.expr) -> str | None:
    found: str | None = None
    match node:
        case ast.BinOp():
            found = _sum(view, node)
        case ast.UnaryOp(op=ast.Not(), operand=ast.Compare(ops=[op], left=left, comparators=[right])):
            sign = _NEGATED.get(type(op))
            found = f"{_part(view, left)} {sign} {_part(view, right)}" if sign else None
        case ast.UnaryOp(op=ast.USub(), operand=ast.UnaryOp(op=ast.USub(), operand=inner)):
            found = view.code(inner)
        case ast.Call(func=ast.Name(id="range"), args=[first, second], keywords=[]) if _is(first, 0):
            found = f"range({view.code(second)})"
    return found


def _sum(view: View, node: ast.BinOp) -> str | None:
    left, op, right = node.left, type(node.op), node.right
    neutral = 0 if op in _OPPOSITE else 1 if op in (ast.Mult, ast.Pow) else None
    if neutral is not None and _is(right, neutral):
        return view.code(left)
    if op in (ast.Add, ast.Mult) and neutral is not None and _is(left, neutral):
        return view.code(right)
    match right:
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant() as number) if op in _OPPOSITE:
            return f"{_part(view, left)} {_OPPOSITE[op]} {view.code(number)}"
    return None


def _part(view: View, node: ast.expr) -> str:
    """Return the source of an operand with the parentheses that it needs where it stands."""
    code = view.code(node)
    return f"({code})" if binding_of(code) < view.asks(node) else code


def _is(node: ast.expr, number: int) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int and node.value == number


def ends(one: str, two: str) -> tuple[int, int]:
    """Return how many characters two texts have in common at their start, and then at their end."""
    most = min(len(one), len(two))
    head = _most(most, lambda size: one.startswith(two[:size]))
    return head, _most(most - head, lambda size: one.endswith(two[len(two) - size :]))


def _most(top: int, holds: Callable[[int], bool]) -> int:
    """Return the largest number up to `top` that holds, where all smaller ones do: texts may be very long."""
    return bisect_left(range(1, top + 1), True, key=lambda size: not holds(size))


def changed(file: str, before: str, after: str) -> tuple[View, int, int] | None:
    """Return the new text parsed, and where what differs begins and ends in it; None where it does not parse."""
    head, same = ends(before, after)
    try:
        return View(file, after), head, len(after) - same
    except (SyntaxError, ValueError, RecursionError):
        return None


def difference(file: str, one: str, two: str) -> Edit:
    """Return the one edit that makes the second of two texts of a file from the first."""
    head, tail = ends(one, two)
    return Edit(file, head, len(one) - tail, two[head : len(two) - tail])
