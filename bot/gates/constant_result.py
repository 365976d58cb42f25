"""Refuses a function that gave a computed answer and now gives a constant, or only constants that tests want."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from bot.gates._examples import is_telling, literal, results
from bot.gates._scopes import Function, by_name, own_nodes, scopes
from bot.proof.change import Change, Refusal
from bot.registry import gate


@gate(kind="")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each function that no longer looks at its arguments."""
    wanted = results([*change.tests.values(), *(file.after or "" for file in change.test_files)])
    for file in change.product:
        after = by_name(file.new_part)
        for scope in scopes(file.old_part):
            new = after.get(scope.name)
            if new is None or not isinstance(scope.node, Function) or not isinstance(new.node, Function):
                continue
            if _computes(scope.node) and not _computes(new.node) and not _abstract(new.node):
                yield Refusal(file.path, new.line, f"{scope.name} gives the same answer for everything")
            elif _answers(new.node) and not _answers(scope.node) and _answers(new.node) & wanted:
                yield Refusal(file.path, new.line, f"{scope.name} only gives answers that tests want")


def _answers(node: Function) -> set[str]:
    """Return the literals that a function returns when it returns nothing else that tells; empty otherwise."""
    given = [each.value for each in own_nodes(node) if isinstance(each, ast.Return)]
    parts = [part for each in given for part in ((each.body, each.orelse) if isinstance(each, ast.IfExp) else (each,))]
    texts = {literal(part) for part in parts}
    return set() if "" in texts else {text for text in texts if is_telling(text)}


def _computes(node: Function) -> bool:
    """Return whether a function reads anything at all: a name, an attribute, the result of a call."""
    body = [each for each in own_nodes(node) if not isinstance(each, ast.arguments | ast.arg)]
    defaults = {id(each) for each in ast.walk(node.args)}
    reads = (ast.Name, ast.Call, ast.Attribute, ast.Yield, ast.YieldFrom, ast.Await)
    fixed = _fixed(body)
    return any(isinstance(each, reads) and id(each) not in defaults and _is_read(each, fixed) for each in body)


def _fixed(body: list[ast.AST]) -> set[str]:
    """Return the names that a function only ever gives constants."""
    plain = {target for each in body if isinstance(each, ast.Assign) for target in each.targets if _is_plain(each)}
    bound = [each for each in body if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)]
    return {each.id for each in bound} - {each.id for each in bound if each not in plain}


def _is_plain(node: ast.Assign) -> bool:
    return isinstance(node.value, ast.Constant)


def _is_read(node: ast.AST, fixed: set[str]) -> bool:
    return not isinstance(node, ast.Name) or (isinstance(node.ctx, ast.Load) and node.id not in fixed)


def _abstract(node: Function) -> bool:
    return any(isinstance(each, ast.Raise) for each in ast.walk(node))
