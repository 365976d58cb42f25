"""Refuses a comparison that gives one answer whatever it is asked: `__eq__` that is always true, and its kin."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from bot.gates._scopes import Function, by_name, scopes, without_docstring
from bot.gates._strength import strength
from bot.proof.change import Change, FileChange, Refusal
from bot.registry import gate

_COMPARING = frozenset(
    {"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__contains__", "__instancecheck__"}
)


@gate(kind="")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each new or changed comparison that does not look at what it compares."""
    for file in change.python:
        before = by_name(file.old_part)
        for scope in scopes(file.new_part):
            known = before.get(scope.name)
            if known is None or ast.dump(known.node) != ast.dump(scope.node):
                yield from _method(file, scope.name, scope.node)
                yield from _lambdas(file, scope.node)


def _method(file: FileChange, name: str, node: ast.AST) -> Iterator[Refusal]:
    if isinstance(node, Function) and node.name in _COMPARING and _is_constant(node):
        yield Refusal(file.path, node.lineno, f"{name} gives the same answer for everything")


def _is_constant(node: Function) -> bool:
    """Return whether every way through gives one answer, or the answer does not depend on the other side."""
    body = without_docstring(node.body)
    other = node.args.args[1].arg if len(node.args.args) > 1 else ""
    read = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    if other and other not in read and not read & {"NotImplemented"} and not _says_no(body):
        return not any(isinstance(each, ast.Raise) for each in ast.walk(node))
    last = body[-1] if body else None
    if not isinstance(last, ast.Return) or not isinstance(last.value, ast.Constant) or last.value.value is False:
        return bool(isinstance(last, ast.Return) and last.value is not None and strength(last.value) == 0)
    return all(ast.dump(each) == ast.dump(last) for each in ast.walk(node) if isinstance(each, ast.Return))


def _says_no(body: list[ast.stmt]) -> bool:
    last = body[-1] if body else None
    return isinstance(last, ast.Return) and isinstance(last.value, ast.Constant) and last.value.value is False


def _lambdas(file: FileChange, node: ast.AST) -> Iterator[Refusal]:
    for each in node.body if isinstance(node, ast.ClassDef | ast.Module) else ():
        if not isinstance(each, ast.Assign) or not isinstance(each.value, ast.Lambda):
            continue
        names = {one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", "") for one in each.targets}
        if names & _COMPARING and isinstance(each.value.body, ast.Constant):
            yield Refusal(file.path, each.lineno, f"`{ast.unparse(each)}` gives the same answer for everything")
