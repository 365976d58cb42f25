"""State that is shared by accident."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bench.injector.values import Change, Function, Source, functions, own

_GROWS = frozenset({"append", "add", "extend", "insert", "update", "setdefault", "appendleft"})


def mutable_default(source: Source, function: Function) -> Iterator[Change]:
    """A collection that is filled in a function becomes the default of an argument."""
    arguments = function.args
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    if arguments.vararg or arguments.kwarg or arguments.kwonlyargs or not (arguments.args or arguments.defaults):
        return
    for node in body:
        name = _empty(node, ast.Name)
        if name and _grows(function, name, own_attribute=False) and len(body) > 1 and source.alone(node):
            end = source.span(arguments.defaults[-1] if arguments.defaults else arguments.args[-1])[1]
            made = source.segment(node.value)  # type: ignore[attr-defined]
            rows = source.rows(node.lineno, node.end_lineno or node.lineno)
            yield Change(((end, end, f", {name}={made}"), (*rows, "")), f"{name} became a mutable default")


def shared_attribute(source: Source, function: Function) -> Iterator[Change]:
    """A collection of each object becomes one of the class."""
    if function.name != "__init__":
        return
    owner = next((cls for _, one, cls in functions(source.tree) if one is function and cls), None)
    for node in function.body if owner and len(function.body) > 1 else ():
        name = _empty(node, ast.Attribute)
        methods = [one for _, one, cls in functions(source.tree) if cls is owner]
        if name and source.alone(node) and any(_grows(one, name, own_attribute=True) for one in methods):
            at = source.rows(function.lineno, function.lineno)[0]
            if function.decorator_list:
                continue
            indent = " " * function.col_offset
            made = source.segment(node.value)  # type: ignore[attr-defined]
            rows = source.rows(node.lineno, node.end_lineno or node.lineno)
            yield Change(((at, at, f"{indent}{name} = {made}\n\n"), (*rows, "")), f"{name} is shared by all objects")


def _empty(node: ast.stmt, kind: type[ast.AST]) -> str:
    """Return the name that a statement binds to a new empty collection, else ''."""
    if not (isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], kind)):
        return ""
    value, target = node.value, node.targets[0]
    literal = (isinstance(value, ast.List | ast.Set) and not value.elts) or (
        isinstance(value, ast.Dict) and not value.keys
    )
    made = isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and not value.args and not value.keywords
    if not literal and not (made and value.func.id in ("list", "dict", "set")):  # type: ignore[attr-defined]
        return ""
    if isinstance(target, ast.Attribute):
        return target.attr if isinstance(target.value, ast.Name) and target.value.id == "self" else ""
    return target.id if isinstance(target, ast.Name) else ""


def _grows(function: Function, name: str, *, own_attribute: bool) -> bool:
    for node in own(function):
        held: ast.AST | None = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _GROWS:
            held = node.func.value
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            held = node.value
        plain = isinstance(held, ast.Name) and held.id == name and not own_attribute
        attribute = isinstance(held, ast.Attribute) and held.attr == name and own_attribute
        if plain or attribute:
            return True
    return False
