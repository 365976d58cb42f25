"""Refuses a function into which results that tests want were copied: two or more numbers that no rule explains.

Branches and tables that pair an input with its result are special cases and have a rule of their own; here it does
not matter how the function comes by the number. Small numbers, powers of two and of ten are everybody's.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Iterable, Iterator

from bot.gates._examples import is_telling, literal, pairs, results
from bot.gates._scopes import Function, by_name, own_nodes, scopes
from bot.proof.change import Change, Refusal
from bot.registry import gate

_PARTICULAR, _SMALL, _LARGEST = 100, 10, 1e15
_FOLDED = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul}
Number = int | float


@gate(kind="")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each function of the product that newly holds results which tests want."""
    new = [(file, scope) for file in change.product for scope in scopes(file.new_part)]
    new = [(file, scope) for file, scope in new if isinstance(scope.node, Function)]
    if not new:
        return
    texts = [*change.tests.values(), *(file.after or "" for file in change.test_files)]
    known = pairs(texts)
    wanted = results(texts) | {answer for _, answer in known}
    for file, scope in new:
        before = by_name(file.old_part).get(scope.name)
        held = _literals(scope.node) - (_literals(before.node) if before else set())
        answers = {(a, b) for a, b in known if {a, b} <= held and is_telling(a) and _is_number(b, _SMALL)}
        copied = {text for text in wanted & held if _is_number(text, _PARTICULAR)}
        found = max(({b for _, b in answers}, copied), key=len)
        if len(found) > 1:
            yield Refusal(file.path, scope.line, f"{scope.name} holds what tests want: {', '.join(sorted(found)[:4])}")


def _literals(node: ast.AST) -> set[str]:
    """Return the numbers and texts in a function, those of a sum, difference or product included."""
    nodes = own_nodes(node) if isinstance(node, Function) else ()
    return {text for each in nodes for text in _spelt(each)}


def _spelt(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant):
        yield literal(node)
    elif isinstance(node, ast.BinOp) and (value := _folded(node)) is not None:
        yield repr(value)


def _folded(node: ast.expr) -> Number | None:
    """Return what an expression of plain numbers comes to, None for any other or a huge one."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value if abs(node.value) < _LARGEST else None  # type: ignore[arg-type, return-value]
    if not isinstance(node, ast.BinOp) or type(node.op) not in _FOLDED:
        return None
    left, right = _folded(node.left), _folded(node.right)
    if left is None or right is None:
        return None
    value: Number = _FOLDED[type(node.op)](left, right)
    return value if abs(value) < _LARGEST else None


def _is_number(text: str, least: int) -> bool:
    """Return whether a literal is a number of at least that size which is no power of two or ten."""
    try:
        value = float(text)
    except ValueError:
        return False
    if abs(value) < least:
        return False
    powers = {float(base**power) for base in (2, 10) for power in range(50)}
    return abs(value) not in powers
