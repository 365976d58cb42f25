"""Refuses a function that gave a computed answer and now gives a constant, whatever it is asked."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from bot.gates._scopes import Function, by_name, own_nodes, scopes
from bot.proof.change import Change, Refusal
from bot.registry import gate


@gate(kind="")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each function that no longer looks at its arguments."""
    for file in change.product:
        after = by_name(file.new_part)
        for scope in scopes(file.old_part):
            new = after.get(scope.name)
            if new is None or not isinstance(scope.node, Function) or not isinstance(new.node, Function):
                continue
            if _computes(scope.node) and not _computes(new.node) and not _abstract(new.node):
                yield Refusal(file.path, new.line, f"{scope.name} gives the same answer for everything")


def _computes(node: Function) -> bool:
    """Return whether a function reads anything at all: a name, an attribute, the result of a call."""
    body = [each for each in own_nodes(node) if not isinstance(each, ast.arguments | ast.arg)]
    defaults = {id(each) for each in ast.walk(node.args)}
    reads = (ast.Name, ast.Call, ast.Attribute, ast.Yield, ast.YieldFrom, ast.Await)
    return any(isinstance(each, reads) and id(each) not in defaults and _is_read(each) for each in body)


def _is_read(node: ast.AST) -> bool:
    return not isinstance(node, ast.Name) or isinstance(node.ctx, ast.Load)


def _abstract(node: Function) -> bool:
    return any(isinstance(each, ast.Raise) for each in ast.walk(node))
