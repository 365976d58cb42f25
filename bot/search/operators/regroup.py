"""The same operators and operands in other groups: `a / (b - 1)` for `a / b - 1`, `abs(a - b)` for `abs(a) - b`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from bot.registry import operator
from bot.search.binding import binding_of, needed
from bot.search.operators._symbols import ARITHMETIC
from bot.search.site import Change, Site

_SAME = (ast.Add, ast.Mult, ast.And, ast.Or, ast.BitAnd, ast.BitOr)  # these group in any way
Parts = tuple[Any, Any, Any]  # left operand, operator, right operand


def _parts(node: ast.AST) -> Parts | None:
    if isinstance(node, ast.BinOp):
        return node.left, node.op, node.right
    if isinstance(node, ast.BoolOp) and len(node.values) == 2:
        return node.values[0], node.op, node.values[1]
    return None


def _joined(left: str, op: ast.boolop | ast.operator, right: str) -> str:
    """Return two operands in source form with an operator between, in parentheses where they need them."""
    if isinstance(op, ast.boolop):
        up: ast.AST = ast.BoolOp(op=op, values=[])
        places, sign = ("values", "values"), "and" if isinstance(op, ast.And) else "or"
    else:
        up = ast.BinOp(left=ast.Constant(0), op=op, right=ast.Constant(0))
        places, sign = ("left", "right"), ARITHMETIC[type(op)]
    least = [needed(up, place) for place in places]
    texts = [
        text if binding_of(text) >= bound else f"({text})" for text, bound in zip((left, right), least, strict=True)
    ]
    return f"{texts[0]} {sign} {texts[1]}"


def _turned(site: Site, parts: Parts) -> Iterator[str]:
    """Yield the other group of three operands, for the left operand and for the right one."""
    code = site.code
    left, op, right = parts
    one, two = _parts(left), _parts(right)
    if one is not None and not _alike(one[1], op):
        yield _joined(code(one[0]), one[1], _joined(code(one[2]), op, code(right)))
    if two is not None and not _alike(two[1], op):
        yield _joined(_joined(code(left), op, code(two[0])), two[1], code(two[2]))


def _alike(one: ast.AST, two: ast.AST) -> bool:
    return type(one) is type(two) and isinstance(one, _SAME)


def _into_call(site: Site, parts: Parts) -> Iterator[str]:
    """Yield an operator beside a call of a plain name taken into its first argument."""
    left, op, right = parts
    for call, other, first in ((left, right, True), (right, left, False)):
        if _takes(call):
            inside, more = site.code(call.args[0]), site.code(other)
            text = _joined(inside, op, more) if first else _joined(more, op, inside)
            yield _called(site, call, text)


def _takes(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and _plain(node)


def _plain(call: ast.Call) -> bool:
    return bool(call.args) and not isinstance(call.args[0], ast.Starred | ast.GeneratorExp)


def _called(site: Site, call: ast.Call, first: str) -> str:
    """Return a call with another first argument."""
    rest = [site.code(one) for one in call.args[1:]] + [ast.unparse(one) for one in call.keywords]
    return f"{site.code(call.func)}({', '.join([first, *rest])})"


def _out_of_call(site: Site, call: ast.Call) -> Iterator[str]:
    """Yield a call with the operator of its first argument taken out behind it."""
    parts = _parts(call.args[0]) if _plain(call) else None
    if parts is not None and isinstance(call.func, ast.Name):
        yield _joined(_called(site, call, site.code(parts[0])), parts[1], site.code(parts[2]))


@operator(nodes=(ast.BinOp, ast.BoolOp, ast.Call), share=0.02)
def propose(site: Site) -> Iterator[Change]:
    """Yield the expression with one operator grouped otherwise."""
    node = site.node
    if isinstance(node, ast.Call):
        for text in _out_of_call(site, node):
            yield site.replace(node, text)
        return
    parts = _parts(node)
    if parts is None:
        return
    for text in _turned(site, parts):
        yield site.replace(node, text, 2.0)
    for text in _into_call(site, parts):
        yield site.replace(node, text)
