"""Arguments whose comparisons can be counted: what a built-in collection does with its items calls no function."""

from __future__ import annotations

import ast

LEAST = 3  # items of a list from which on it makes a difference how they are looked for
SOME, LONG = 6, 250  # items of a list, and characters of a call, that a person reads
_KINDS = {str: "text", int: "a number"}


class _Noting(ast.NodeTransformer):
    """Gives the items of the lists, tuples and sets of one kind another class."""

    def __init__(self, kind: type[object]) -> None:
        self.kind, self.count = kind, 0

    def _of(self, node: ast.List | ast.Tuple | ast.Set) -> ast.expr:
        values = [item.value if isinstance(item, ast.Constant) else None for item in node.elts]
        if len(values) < LEAST or any(type(value) is not self.kind for value in values):
            self.generic_visit(node)
            return node
        self.count += 1
        node.elts = [ast.Call(ast.Name("Noted", ast.Load()), [item], []) for item in node.elts]
        return node

    visit_List = visit_Tuple = visit_Set = _of


class _Cutting(ast.NodeTransformer):
    """Leaves the first items of long lists, tuples and sets."""

    def _of(self, node: ast.List | ast.Tuple | ast.Set) -> ast.expr:
        node.elts = node.elts[:SOME]
        self.generic_visit(node)
        return node

    visit_List = visit_Tuple = visit_Set = _of


def shortened(call: str) -> str | None:
    """Return a call as it is, or with fewer items where nobody would read it; None where that does not help."""
    if len(call) <= LONG:
        return call
    short = ast.unparse(_Cutting().visit(ast.parse(call, mode="eval")))
    return short if len(short) <= LONG else None


def noted(call: str) -> tuple[str, str] | None:
    """Return a call with items whose comparisons are calls, and the class of these; None where it has no such items."""
    for kind, said in _KINDS.items():
        tree, noting = ast.parse(call, mode="eval"), _Noting(kind)
        changed = noting.visit(tree)
        if noting.count:
            return ast.unparse(ast.fix_missing_locations(changed)), _class(kind.__name__, said)
    return None


def _class(base: str, said: str) -> str:
    return f'''\
class Noted({base}):
    """A value whose comparisons are counted, as calls of functions."""

    __hash__ = {base}.__hash__

    def __eq__(self, other):
        """Compare as {said} does."""
        return {base}.__eq__(self, other)
'''
