"""Refuses a new skip, xfail or deselection of existing tests: decorators, calls, module marks, collection lists.

A marker that pytest does not define counts too, since the command may deselect it; only those that change nothing
about whether and how strictly a test runs are free.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator

from bot.gates._scopes import Scope, by_name, dotted, own_nodes, scopes
from bot.proof.change import Change, FileChange, Refusal
from bot.registry import gate

_FREE = frozenset({"parametrize", "usefixtures", "asyncio", "anyio", "trio", "django_db", "timeout"})
_SKIPPING = frozenset(
    {"skip", "skipif", "xfail", "skipIf", "skipUnless", "expectedFailure", "skipTest", "importorskip", "SkipTest"}
)
_RETRYING = frozenset(
    {"flaky", "repeat", "retry", "rerun", "reruns", "only_on", "disabled", "ignore", "skip_if", "unreliable"}
)
_LISTS = frozenset({"collect_ignore", "collect_ignore_glob", "__test__", "pytestmark", "load_tests"})


@gate(kind="")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each new way to keep an existing test from running."""
    for file in change.test_files:
        if file.new is None:
            continue
        before = by_name(file.old)
        for scope in scopes(file.new):
            known = before.get(scope.name)
            if known is None and scope.is_test:
                continue
            yield from _decorators(file, scope, known)
            yield from _inside(file, scope, known)


def _skips(node: ast.AST) -> bool:
    """Return whether an expression names something that skips, or a marker that could deselect."""
    parts = dotted(node).split(".")
    if parts[-1] in _SKIPPING | _RETRYING or "SkipTest" in parts:
        return True
    return "mark" in parts[:-1] and parts[-1] not in _FREE


def _marks(scope: Scope | None) -> list[ast.expr]:
    """Return the skips and markers in the decorators of a scope, those of single parameter sets included."""
    if scope is None or isinstance(scope.node, ast.Module):
        return []
    inside = (each for top in scope.node.decorator_list for each in _outermost(top))
    return list(inside)


def _outermost(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Attribute | ast.Call | ast.Name) and _skips(node):
        yield node
        return
    for child in ast.iter_child_nodes(node):
        yield from _outermost(child)


def _decorators(file: FileChange, scope: Scope, known: Scope | None) -> Iterator[Refusal]:
    before = Counter(ast.dump(each) for each in _marks(known))
    for each in _marks(scope):
        before[ast.dump(each)] -= 1
        if before[ast.dump(each)] < 0:
            yield Refusal(file.path, each.lineno, f"{scope.name} gets the marker {dotted(each)}")


def _ways(scope: Scope | None) -> Iterator[tuple[ast.AST, int, str]]:
    """Return calls, raises and assignments of a scope that keep tests from running."""
    for node in own_nodes(scope.node) if scope is not None else ():
        if isinstance(node, ast.Call) and dotted(node).rpartition(".")[2] in _SKIPPING:
            yield node, node.lineno, f"calls {dotted(node)}"
        elif isinstance(node, ast.Raise) and node.exc is not None and _skips(node.exc):
            yield node, node.lineno, f"raises {dotted(node.exc)}"
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            yield from _assigned(node)
        elif isinstance(node, ast.Attribute) and _skips(node) and "mark" in dotted(node).split("."):
            yield node, node.lineno, f"uses the marker {dotted(node)}"
        elif isinstance(node, ast.Call) and dotted(node).partition(".")[0] in _LISTS:
            yield node, node.lineno, f"calls {dotted(node)}"


def _assigned(node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> Iterator[tuple[ast.AST, int, str]]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    names = {dotted(each).rpartition(".")[2] for each in targets} & _LISTS
    if "pytestmark" in names and node.value is not None and not _any_skip(node.value):
        return
    for name in sorted(names):
        yield node, node.lineno, f"sets {name}"


def _any_skip(value: ast.expr) -> bool:
    return any(_skips(each) for each in ast.walk(value) if isinstance(each, ast.Attribute | ast.Call | ast.Name))


def _inside(file: FileChange, scope: Scope, known: Scope | None) -> Iterator[Refusal]:
    before = Counter(ast.dump(node) for node, _, _ in _ways(known))
    for node, line, seen in _ways(scope):
        before[ast.dump(node)] -= 1
        if before[ast.dump(node)] < 0:
            yield Refusal(file.path, line, f"{scope.name} {seen}")
