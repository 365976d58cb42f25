"""What a function certainly returns, read from its own code."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_CERTAIN = (ast.Is, ast.IsNot, ast.In, ast.NotIn)
_WHOLE = (ast.Add, ast.Sub, ast.Mult, ast.FloorDiv, ast.Mod)
_ALIKE: dict[str, tuple[type[ast.operator], ...]] = {"int": _WHOLE, "float": (*_WHOLE, ast.Div), "str": (ast.Add,)}
"""Operators that give what both their operands are. Source: Python library reference, "Built-in Types"."""
Function = ast.FunctionDef | ast.AsyncFunctionDef


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a function without those of functions and classes inside it."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            yield child
            yield from _own(child)


_RESULTS = {"len": "int", "str": "str", "repr": "str", "int": "int", "float": "float", "bool": "bool", "bytes": "bytes",
            "ord": "int", "chr": "str", "hash": "int", "id": "int", "isinstance": "bool", "issubclass": "bool",
            "callable": "bool", "any": "bool", "all": "bool", "ascii": "str", "hex": "str"}  # fmt: skip
"""What builtins return, whatever they are given. Source: Python library reference, "Built-in Functions"."""
_SUMMED = ("list[{}]", "tuple[{}, ...]", "set[{}]", "Iterable[{}]", "Sequence[{}]", "Iterator[{}]")


def _given(function: Function) -> dict[str, str]:
    """Return the annotations of the parameters that the function never binds anew."""
    arguments = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    bound = {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    return {a.arg: ast.unparse(a.annotation) for a in arguments if a.annotation and a.arg not in bound}


def _called(node: ast.Call, given: dict[str, str]) -> str:
    """Return the type of a builtin call, '' when it is not certain."""
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if isinstance(node.func, ast.Attribute) and node.func.attr in ("join", "format"):
        return _type_of(node.func.value, given)
    only = node.args[0].id if len(node.args) == 1 and isinstance(node.args[0], ast.Name) else ""
    if name == "sum" and not node.keywords:
        summed = {form.format("int") for form in _SUMMED}
        return "int" if given.get(only) in summed else ""
    return _RESULTS.get(name, "") if name not in given else ""


def _type_of(node: ast.expr, given: dict[str, str]) -> str:
    if isinstance(node, ast.Name):
        return given.get(node.id, "")
    if isinstance(node, ast.Call):
        return _called(node, given)
    if isinstance(node, ast.Constant) and type(node.value) in (bool, int, str, bytes, float):
        return type(node.value).__name__
    if isinstance(node, ast.JoinedStr):
        return "str"
    if isinstance(node, ast.BinOp):
        sides = {_type_of(node.left, given), _type_of(node.right, given)}
        return sides.pop() if len(sides) == 1 and isinstance(node.op, _ALIKE.get(next(iter(sides)), ())) else ""
    denied = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    # a comparison of arrays is no bool: only identity and membership are certain
    certain = isinstance(node, ast.Compare) and all(isinstance(op, _CERTAIN) for op in node.ops)
    return "bool" if denied or certain else ""


def _ends(body: list[ast.stmt]) -> bool:
    """Return whether the end of a block can't be reached."""
    last = body[-1]
    if isinstance(last, ast.If):
        return bool(last.orelse) and _ends(last.body) and _ends(last.orelse)
    if isinstance(last, ast.With):
        return _ends(last.body)
    return isinstance(last, ast.Return | ast.Raise)


def returned(function: Function) -> str:
    """Return the type that a function certainly returns, '' when that is not certain."""
    nodes = list(_own(function))
    stub = any(
        isinstance(d, ast.Name | ast.Attribute) and "abstract" in ast.unparse(d) for d in function.decorator_list
    )
    if stub or any(isinstance(node, ast.Yield | ast.YieldFrom) for node in nodes):
        return ""
    values = [node.value for node in nodes if isinstance(node, ast.Return)]
    if all(value is None for value in values):
        return "" if _ends(function.body) and not values else "None"
    given = _given(function)
    types = {_type_of(value, given) if value else "" for value in values}
    return types.pop() if len(types) == 1 and _ends(function.body) else ""
