"""Refuses a patch after which an existing test is no longer collected: deleted, renamed away, shadowed or disabled.

A test that stands elsewhere in the patch under its own name or with its own body has moved, and that is allowed.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator

import re2

from bot.gates._scopes import MODULE, Scope, dotted, own_nodes, scopes, without_docstring
from bot.proof.change import Change, FileChange, Refusal
from bot.registry import gate

_COLLECTED = re2.compile(r"^(test_.*|.*_test|tests?)\.py$")


@gate(kind="")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each test that is gone, at the line it had before."""
    arrived = _bodies(file for file in change.test_files if _COLLECTED.search(file.name))
    for file in change.test_files:
        yield from _gone(file, arrived)
        yield from _shadowed(file)
        yield from _unbound(file)
        yield from _conditional(file)
        yield from _fewer_sets(file)
        yield from _by_name(file)


def _tests(file: FileChange, tree: ast.Module | None) -> dict[str, Scope]:
    return {scope.name: scope for scope in scopes(tree) if scope.is_test}


def _body(scope: Scope) -> str:
    return "\n".join(ast.dump(each) for each in without_docstring(scope.node.body))


def _bodies(files: Iterable[FileChange]) -> Counter[str]:
    """Return how often each test body exists in `files` where it did not exist before."""
    found: Counter[str] = Counter()
    for file in files:
        before = _tests(file, file.old)
        found.update(_body(scope) for name, scope in _tests(file, file.new).items() if name not in before)
    return found


def _gone(file: FileChange, arrived: Counter[str]) -> Iterator[Refusal]:
    if file.after is not None and file.new is None:
        return
    after = _tests(file, file.new)
    for name, scope in _tests(file, file.old).items():
        if name in after:
            continue
        if arrived[_body(scope)] > 0:
            arrived[_body(scope)] -= 1
        else:
            yield Refusal(file.path, scope.line, f"the test {name} is no longer there to be collected")


def _shadowed(file: FileChange) -> Iterator[Refusal]:
    before = Counter(scope.name for scope in scopes(file.old))
    seen: Counter[str] = Counter()
    for scope in scopes(file.new):
        seen[scope.name] += 1
        if scope.is_test and seen[scope.name] > max(1, before[scope.name]):
            yield Refusal(file.path, scope.line, f"a second definition of {scope.name} hides the first")


def _conditional(file: FileChange) -> Iterator[Refusal]:
    """Yield tests that are now there under a condition only."""
    before = _tests(file, file.old)
    for name, scope in _tests(file, file.new).items():
        if name in before and len(scope.guards) > len(before[name].guards):
            yield Refusal(file.path, scope.line, f"the test {name} is there under a condition only")


def _fewer_sets(file: FileChange) -> Iterator[Refusal]:
    """Yield tests that are run with fewer parameter sets, and those that no longer run as plain functions do."""
    before = _tests(file, file.old)
    for name, scope in _tests(file, file.new).items():
        if name not in before:
            continue
        was, now = _sets(before[name]), _sets(scope)
        if now < was:
            yield Refusal(file.path, scope.line, f"the test {name} runs with {now} parameter sets instead of {was}")


def _sets(scope: Scope) -> int:
    """Return how many parameter sets the decorators of a test spell out."""
    sets = 0
    for each in getattr(scope.node, "decorator_list", []):
        if isinstance(each, ast.Call) and dotted(each).endswith("parametrize") and len(each.args) > 1:
            sets += len(getattr(each.args[1], "elts", []))
    return sets


def _unbound(file: FileChange) -> Iterator[Refusal]:
    """Yield `del test_x` and `test_x = ...`, which take a test away without touching its definition."""
    if file.new is None:
        return
    tests = {name.rpartition(".")[2] for name in _tests(file, file.old)}
    known = Counter(ast.dump(node) for node, _ in _bindings(file.old))
    for node, name in _bindings(file.new):
        known[ast.dump(node)] -= 1
        if name in tests and known[ast.dump(node)] < 0:
            yield Refusal(file.path, node.lineno, f"the test {name} is unbound or replaced")


def _by_name(file: FileChange) -> Iterator[Refusal]:
    """Yield new uses of a test module's own names as a table: what is taken out of it is not collected."""
    known = Counter(ast.dump(node) for node in _tables(file.old))
    for node in _tables(file.new):
        known[ast.dump(node)] -= 1
        if known[ast.dump(node)] < 0 and file.old is not None:
            yield Refusal(file.path, node.lineno, f"`{ast.unparse(node)}` reaches for the tests of the module by name")


def _tables(tree: ast.Module | None) -> Iterator[ast.Call]:
    for node in own_nodes(tree) if tree is not None else ():
        if isinstance(node, ast.Call) and dotted(node) in {"globals", "vars", "locals"}:
            yield node


def _bindings(tree: ast.Module | None) -> Iterator[tuple[ast.stmt, str]]:
    for scope in scopes(tree):
        if scope.name != MODULE and not isinstance(scope.node, ast.ClassDef):
            continue
        for node in own_nodes(scope.node):
            if isinstance(node, ast.Delete | ast.Assign):
                for target in node.targets:
                    yield node, dotted(target).rpartition(".")[2]
