"""Refuses an existing test that no longer claims anything: emptied, left early, its fixture or asserts out of reach."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from bot.gates._claims import called_names, claims, leaves
from bot.gates._scopes import Node, Scope, by_name, dotted, own_nodes, scopes, without_docstring
from bot.proof.change import Change, FileChange, Refusal
from bot.registry import gate


@gate(kind="")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each existing test that became empty or can't reach what it asserts."""
    for file in change.test_files:
        after = by_name(file.new)
        for scope in scopes(file.old):
            if scope.is_test and scope.name in after:
                yield from _judge(file, scope, after)
            elif _is_fixture(scope) and _gives(scope.node) and scope.name in after:
                now = after[scope.name]
                if not _gives(now.node):
                    yield Refusal(file.path, now.line, f"the fixture {scope.name} gives nothing any more")


def _judge(file: FileChange, before: Scope, after: dict[str, Scope]) -> Iterator[Refusal]:
    scope = after[before.name]
    if _claims_something(before, by_name(file.old)) and not _claims_something(scope, after):
        yield Refusal(file.path, scope.line, f"{scope.name} asserts nothing that can be reached any more")
    elif without_docstring(before.node.body) and not without_docstring(scope.node.body):
        yield Refusal(file.path, scope.line, f"{scope.name} is emptied")
    elif _is_suspended(scope.node) and not _is_suspended(before.node):
        yield Refusal(file.path, scope.line, f"{scope.name} is a coroutine or generator now, which no runner may drive")
    else:
        early = _early(scope)
        if early is not None and _early(before) is None:
            yield Refusal(file.path, early.lineno, f"{scope.name} ends before its last statements")


def _is_fixture(scope: Scope) -> bool:
    decorators = getattr(scope.node, "decorator_list", [])
    return any(dotted(each).rpartition(".")[2] == "fixture" for each in decorators)


def _gives(node: Node) -> bool:
    """Return whether a function returns or yields anything but None."""
    given = [each.value for each in own_nodes(node) if isinstance(each, ast.Return | ast.Yield | ast.YieldFrom)]
    return any(each is not None and ast.unparse(each) != "None" for each in given)


def _claims_something(scope: Scope, known: dict[str, Scope]) -> bool:
    if any(claim.reachable for claim in claims(scope)):
        return True
    called = called_names(scope.node)
    helpers = (each for name, each in known.items() if name.rpartition(".")[2] in called and name != scope.name)
    return any(claim.reachable for helper in helpers for claim in claims(helper))


def _is_suspended(node: ast.AST) -> bool:
    """Return whether calling a function only makes an object: a coroutine without a marker, or a generator."""
    if isinstance(node, ast.AsyncFunctionDef):
        return not {dotted(each).rpartition(".")[2] for each in node.decorator_list} & {"asyncio", "anyio", "trio"}
    return isinstance(node, ast.FunctionDef) and any(
        isinstance(each, ast.Yield | ast.YieldFrom) for each in own_nodes(node)
    )


def _early(scope: Scope) -> ast.stmt | None:
    body = scope.node.body
    return next((node for node in body[:-1] if leaves(node)), None)
