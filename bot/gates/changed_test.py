"""Refuses other inputs for an existing test, unless the strategy declares that it touches tests.

That is: constants set up, calls made, parameter sets, test data files. Spelling (format, imports, annotations, unused
names, f-strings) is free, and so is everything where the cause is a linter's or formatter's finding.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from bot.gates._inputs import calls, values
from bot.gates._scopes import MODULE, Function, Scope, dotted, scopes
from bot.proof.change import Change, FileChange, Refusal
from bot.registry import gate

_DATA_FOLDERS = frozenset({"tests", "test", "testing", "__snapshots__", "snapshots", "fixtures", "testdata"})


@gate(kind="tests")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each existing test that works with something else than before."""
    for file in change.test_files:
        if file.new is None or change.is_static:
            continue
        for before, after in _paired(file):
            yield from _compare(file, before, after)
    for file in change.files:
        if _is_data(file):
            yield Refusal(file.path, 1, "existing test data is changed or deleted")


def _paired(file: FileChange) -> Iterator[tuple[Scope, Scope]]:
    """Yield each scope before with the one of its name after; of as many with one name, each with its own."""
    olds, news = (_named(tree) for tree in (file.old, file.new))
    for name, before in olds.items():
        after = news.get(name, [])
        if len(before) == len(after):
            yield from zip(before, after, strict=True)
        elif after:
            yield from ((one, after[-1]) for one in before)


def _named(tree: ast.Module | None) -> dict[str, list[Scope]]:
    found: dict[str, list[Scope]] = {}
    for scope in scopes(tree):
        found.setdefault(scope.name, []).append(scope)
    return found


def _is_data(file: FileChange) -> bool:
    folders = PurePosixPath(file.path).parts[:-1]
    named = file.path.endswith((".snap", ".ambr")) or bool(_DATA_FOLDERS.intersection(folders))
    return (
        named and not file.is_python and file.before is not None and not file.path.endswith((".toml", ".cfg", ".ini"))
    )


def _compare(file: FileChange, before: Scope, after: Scope) -> Iterator[Refusal]:
    if isinstance(before.node, Function) and isinstance(after.node, Function):
        yield from _function(file, before, after)
        yield from _parameters(file, before, after)
    else:
        yield from _bindings(file, before, after)


def _function(file: FileChange, before: Scope, after: Scope) -> Iterator[Refusal]:
    old, new = values(before), values(after)
    if old != new:
        gone, come = sorted((old - new).elements()), sorted((new - old).elements())
        seen = f"{before.name} works with {', '.join(come) or 'less'} instead of {', '.join(gone) or 'nothing'}"
        yield Refusal(file.path, after.line, seen)
    elif calls(after).total() < calls(before).total():
        missing = ", ".join(sorted((calls(before) - calls(after)).elements()))
        yield Refusal(file.path, after.line, f"{before.name} no longer calls {missing}")


def _decorators(scope: Scope) -> list[ast.expr]:
    return [] if isinstance(scope.node, ast.Module) else scope.node.decorator_list


def _parameters(file: FileChange, before: Scope, after: Scope) -> Iterator[Refusal]:
    """Yield decorators of a test or fixture that are gone, differ or are new; parameter sets may be added."""
    had = {dotted(each) for each in _decorators(before)}
    for each in _decorators(after):
        if dotted(each) not in had and ".mark." not in f".{dotted(each)}" and before.is_test:
            yield Refusal(file.path, each.lineno, f"{before.name} now runs under `{ast.unparse(each)[:120]}`")
    kept = {ast.dump(each) for each in _decorators(after)}
    for each in _decorators(before):
        if _is_fixture(before) and "mark." in dotted(each):
            continue  # a mark on a fixture never had an effect
        same = [other for other in _decorators(after) if dotted(other) == dotted(each)]
        if ast.dump(each) in kept or not isinstance(each, ast.Call):
            continue
        if not any(_sets(each) <= _sets(other) and _sets(each) for other in same):
            yield Refusal(file.path, after.line, f"{before.name} is no longer run as `{ast.unparse(each)[:120]}` says")


def _is_fixture(scope: Scope) -> bool:
    return any(dotted(each).rpartition(".")[2] == "fixture" for each in _decorators(scope))


def _sets(decorator: ast.expr) -> frozenset[str]:
    """Return the parameter sets of a `parametrize`, as text."""
    if not isinstance(decorator, ast.Call):
        return frozenset()
    lists = [each for each in decorator.args[1:2] if isinstance(each, ast.List | ast.Tuple)]
    return frozenset(ast.dump(each) for one in lists for each in one.elts)


def _bindings(file: FileChange, before: Scope, after: Scope) -> Iterator[Refusal]:
    """Yield names of a module or class whose constant value changed."""
    old, new = _constants(before), _constants(after)
    for name, node in old.items():
        if name in new and ast.dump(new[name]) != ast.dump(node) and name != "__all__":
            where = f"{name} in {before.name}" if before.name != MODULE else name
            yield Refusal(file.path, new[name].lineno, f"{where} has another value")


def _constants(scope: Scope) -> dict[str, ast.expr]:
    found: dict[str, ast.expr] = {}
    for node in scope.node.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found.update({dotted(each): node.value for each in targets if isinstance(each, ast.Name)})
    return found
