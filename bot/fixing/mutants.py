"""Broken variants of a function: a test that none of them fails notices nothing."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

MOST = 8
_COMPARE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_BINARY: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Add,
}  # fmt: skip
Function = ast.FunctionDef | ast.AsyncFunctionDef


def _broken(node: ast.AST) -> ast.AST | None:
    """Return one broken form of a node, None when it has none."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARE:
        return ast.Compare(node.left, [_COMPARE[type(node.ops[0])](), *node.ops[1:]], node.comparators)
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        return ast.BinOp(node.left, _BINARY[type(node.op)](), node.right)
    if isinstance(node, ast.Return) and node.value is not None:
        nothing = isinstance(node.value, ast.Constant) and node.value.value is None
        return None if nothing else ast.Return(ast.Constant(None))
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return ast.Constant(node.value + 1)
    return None


class _Replace(ast.NodeTransformer):
    def __init__(self, at: int) -> None:
        self.at, self.count = at, -1

    def visit(self, node: ast.AST) -> ast.AST:
        broken = _broken(node)
        if broken is not None:
            self.count += 1
            if self.count == self.at:
                return ast.copy_location(broken, node)
        return self.generic_visit(node)


def mutants(text: str, qualname: str) -> Iterator[str]:
    """Yield up to eight texts of a module in which one function is broken in one place each."""
    tree = ast.parse(text)
    function = _find(tree, qualname)
    if function is None:
        return
    places = sum(_broken(node) is not None for statement in function.body for node in ast.walk(statement))
    step = max(1, places // MOST)
    for at in range(0, places, step):
        changed = copy.deepcopy(tree)
        target = _find(changed, qualname)
        if target is not None:
            replacer = _Replace(at)
            target.body = [replacer.visit(statement) for statement in target.body]  # type: ignore[misc]
            yield ast.unparse(ast.fix_missing_locations(changed))


def _find(tree: ast.Module, qualname: str) -> Function | None:
    body: list[ast.stmt] = tree.body
    parts = qualname.split(".")
    for number, part in enumerate(parts):
        found = next((n for n in body if isinstance(n, Function | ast.ClassDef) and n.name == part), None)
        if found is None:
            return None
        if number == len(parts) - 1:
            return found if isinstance(found, Function) else None
        body = found.body
    return None
