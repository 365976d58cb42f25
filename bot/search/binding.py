"""How tightly expressions bind, and how tightly a place asks them to: where parentheses are needed.

The order is that of the table of operator precedence in the Python language reference.
"""

from __future__ import annotations

import ast
from functools import lru_cache

TUPLE, TEST, OR, AND, NOT, COMPARE, BIT_OR, SUM, TERM, UNARY, POWER, ATOM = 1, 3, 4, 5, 6, 7, 8, 12, 13, 14, 15, 17
_OPERATORS: dict[type[ast.AST], int] = {
    ast.BitOr: BIT_OR, ast.BitXor: 9, ast.BitAnd: 10, ast.LShift: 11, ast.RShift: 11, ast.Add: SUM, ast.Sub: SUM,
    ast.Mult: TERM, ast.Div: TERM, ast.FloorDiv: TERM, ast.Mod: TERM, ast.MatMult: TERM, ast.Pow: POWER,
    ast.Or: OR, ast.And: AND, ast.Not: NOT, ast.USub: UNARY, ast.UAdd: UNARY, ast.Invert: UNARY,
}  # fmt: skip
_FORMS: dict[type[ast.AST], int] = {
    ast.NamedExpr: 0, ast.Yield: 0, ast.YieldFrom: 0, ast.Starred: TUPLE, ast.Lambda: TEST, ast.IfExp: TEST,
    ast.Compare: COMPARE, ast.Await: 16,
}  # fmt: skip
_STATEMENTS = (ast.Return, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.For, ast.AsyncFor)
# fields of these that take an expression as tight as an atom
_TIGHT = {(ast.Attribute, "value"), (ast.Subscript, "value"), (ast.Call, "func"), (ast.Await, "value")}


def binding(node: ast.AST) -> int:
    """Return how tightly an expression binds; 17 for names, calls and what has brackets of its own."""
    if isinstance(node, ast.BinOp | ast.BoolOp | ast.UnaryOp):
        return _OPERATORS[type(node.op)]
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and node.value < 0:
        return UNARY
    return _FORMS.get(type(node), ATOM)


@lru_cache(maxsize=16384)
def binding_of(text: str) -> int:
    """Return how tightly an expression in source form binds; that of a bare tuple is 1; 17 where it does not parse."""
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError:
        return ATOM
    return TUPLE if isinstance(node, ast.Tuple) and not text.startswith("(") else binding(node)


def needed(up: ast.AST, place: str) -> int:
    """Return how tightly an expression must bind to stand in field `place` of the node `up`."""
    if (type(up), place) in _TIGHT:
        return ATOM
    if isinstance(up, ast.BinOp):
        own = _OPERATORS[type(up.op)]
        if isinstance(up.op, ast.Pow):
            return own + 1 if place == "left" else UNARY
        return own if place == "left" else own + 1
    if isinstance(up, ast.BoolOp):
        return _OPERATORS[type(up.op)] + 1
    if isinstance(up, ast.UnaryOp):
        return _OPERATORS[type(up.op)]
    return _other(up, place)


def _other(up: ast.AST, place: str) -> int:
    if isinstance(up, ast.Compare | ast.Starred):
        return BIT_OR
    if isinstance(up, ast.IfExp | ast.comprehension):
        return TEST if place == "orelse" else OR
    if isinstance(up, _STATEMENTS) or (isinstance(up, ast.Subscript) and place == "slice"):
        return TUPLE
    return TEST
