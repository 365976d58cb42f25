"""Refuses tests that test something else: new mocks, stand-ins for what was imported, edits of foreign modules."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator

from bot.gates._inputs import patches
from bot.gates._scopes import Function, Scope, by_name, dotted, own_nodes, scopes
from bot.proof.change import Change, FileChange, Refusal
from bot.registry import gate

_SACRED = frozenset({"pytest", "unittest", "_pytest", "builtins", "doctest", "nose", "hypothesis", "__builtins__"})
_MAKING = frozenset({"Mock", "MagicMock", "AsyncMock", "SimpleNamespace"})


@gate(kind="")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each new place where a test, or the code, replaces what is tested or what tests it."""
    for file in change.python:
        if file.is_test:
            yield from _tests(file)
            yield from _hidden(file)
            yield from _overwritten(file)
        else:
            yield from _mocked(file)
        yield from _foreign(file)


def _tests(file: FileChange) -> Iterator[Refusal]:
    """Yield new mocks in scopes that existed, in the module itself, and in fixtures that run for every test."""
    before = by_name(file.old)
    for scope in scopes(file.new):
        known = before.get(scope.name)
        if known is None and not _for_all(scope):
            continue
        old = _own_patches(known) if known else Counter()
        for text in sorted((_own_patches(scope) - old).elements()):
            yield Refusal(file.path, scope.line, f"{scope.name} replaces what it tests: `{text}`")


def _for_all(scope: Scope) -> bool:
    """Return whether a new function acts on tests that existed: an autouse fixture, or a set-up method."""
    if not isinstance(scope.node, Function):
        return False
    auto = any("autouse" in ast.unparse(each) for each in scope.node.decorator_list)
    return auto or scope.node.name.lower().startswith(("setup", "teardown"))


def _own_patches(scope: Scope) -> Counter[str]:
    parts: list[ast.AST] = [*scope.node.body, *getattr(scope.node, "decorator_list", [])]
    inner = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return sum((patches(part) for part in parts if not isinstance(part, inner)), Counter())


def _imported(tree: ast.Module | None) -> dict[str, str]:
    """Return the names that a module imports, each with where it comes from."""
    found: dict[str, str] = {}
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.ImportFrom):
            found.update({each.asname or each.name: f"{node.module}.{each.name}" for each in node.names})
        elif isinstance(node, ast.Import):
            found.update({each.asname or each.name.partition(".")[0]: each.name for each in node.names})
    return found


def _hidden(file: FileChange) -> Iterator[Refusal]:
    """Yield new definitions in a test module under a name that it imported before."""
    imported = _imported(file.old)
    known = Counter(name for name, _ in _defined(file.old))
    for name, line in _defined(file.new):
        known[name] -= 1
        if name in imported and known[name] < 0:
            yield Refusal(file.path, line, f"a stand-in takes the place of {imported[name]}")


def _overwritten(file: FileChange) -> Iterator[Refusal]:
    """Yield new assignments in existing tests to what they get from outside: an import or a parameter."""
    before, imported = by_name(file.old), _imported(file.old)
    for scope in scopes(file.new):
        known = before.get(scope.name)
        if known is None or not scope.is_test or not isinstance(scope.node, Function):
            continue
        given = imported.keys() | {each.arg for each in scope.node.args.args}
        old = {ast.dump(each) for each in own_nodes(known.node) if isinstance(each, ast.Assign)}
        for node in (each for each in own_nodes(scope.node) if isinstance(each, ast.Assign)):
            for name in sorted(_replaced(node) & given if ast.dump(node) not in old else ()):
                yield Refusal(file.path, node.lineno, f"{scope.name} puts something else in the place of {name}")


def _replaced(node: ast.Assign) -> set[str]:
    """Return the names that an assignment gives a value that is not made from the one before."""
    read = {each.id for each in ast.walk(node.value) if isinstance(each, ast.Name)}
    return {each.id for each in node.targets if isinstance(each, ast.Name)} - read


def _mocked(file: FileChange) -> Iterator[Refusal]:
    """Yield a new import of mocks into code that is no test: a mock agrees with whatever it is compared with."""
    if {"mock", "unittest.mock"} & _modules(file.new) - _modules(file.old):
        yield Refusal(file.path, 1, "code that is no test imports mocks")


def _modules(tree: ast.Module | None) -> set[str]:
    return set(_imported(tree).values()) | {name.rpartition(".")[0] for name in _imported(tree).values()}


def _defined(tree: ast.Module | None) -> Iterator[tuple[str, int]]:
    for node in tree.body if tree is not None else ():
        if isinstance(node, Function | ast.ClassDef):
            yield node.name, node.lineno
        elif isinstance(node, ast.Assign):
            yield from ((dotted(each), node.lineno) for each in node.targets if isinstance(each, ast.Name))


def _foreign(file: FileChange) -> Iterator[Refusal]:
    """Yield new assignments into imported modules and classes, and any into the test runner's."""
    known = Counter(ast.dump(node) for node in _assignments(file.old_part, file.old))
    for node in _assignments(file.new_part, file.new):
        known[ast.dump(node)] -= 1
        if known[ast.dump(node)] < 0:
            yield Refusal(file.path, node.lineno, f"`{ast.unparse(node)[:120]}` replaces what others rely on")


def _assignments(tree: ast.Module | None, whole: ast.Module | None) -> Iterator[ast.stmt | ast.Call]:
    imported = _imported(whole)
    functions = {scope.node.name for scope in scopes(whole) if isinstance(scope.node, Function)}
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Assign):
            if any(_into(target, node.value, imported, functions) for target in node.targets):
                yield node
        elif isinstance(node, ast.Call) and dotted(node) == "setattr" and len(node.args) == 3:
            target = ast.Attribute(node.args[0], "_", ast.Store())
            if _into(target, node.args[2], imported, functions):
                yield node


def _into(target: ast.expr, value: ast.expr, imported: dict[str, str], functions: set[str]) -> bool:
    if isinstance(target, ast.Subscript):
        return dotted(target) in {"sys.modules", "builtins.__dict__", "__builtins__"}
    if isinstance(target, ast.Name):
        return target.id == "AssertionError"
    root = dotted(target).partition(".")[0]
    if not isinstance(target, ast.Attribute) or root not in imported:
        return False
    if imported[root].partition(".")[0] in _SACRED:
        return True
    made = isinstance(value, ast.Lambda) or (isinstance(value, ast.Name) and value.id in functions)
    return made or (isinstance(value, ast.Call) and dotted(value).rpartition(".")[2] in _MAKING)
