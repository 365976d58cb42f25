"""Which expressions make a mutable object, and which calls change one."""

from __future__ import annotations

import ast

from bot.strategies._statements import dotted

MAKERS = frozenset({"list", "dict", "set", "bytearray", "defaultdict", "OrderedDict", "deque", "Counter"})
CHANGING = frozenset("append extend insert add update setdefault pop popitem remove discard clear sort reverse".split())


def is_mutable(node: ast.expr) -> bool:
    """Return whether an expression certainly makes a new mutable object."""
    if isinstance(node, ast.Call):
        return dotted(node.func).rpartition(".")[2] in MAKERS
    return isinstance(node, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp)


def changes(node: ast.AST, name: str) -> bool:
    """Return whether a node itself changes the object of a dotted name in place."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in CHANGING and dotted(node.func.value) == name
    if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
        return dotted(node.value) == name
    return isinstance(node, ast.AugAssign) and dotted(node.target) == name
