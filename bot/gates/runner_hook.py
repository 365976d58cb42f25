"""Refuses code that gets between the tests and their outcomes: runner hooks, start-up files, own assert methods."""

from __future__ import annotations

import ast
import unittest
from collections.abc import Iterable, Iterator

from bot.gates._scopes import Function, by_name, collects, dotted, scopes
from bot.proof.change import Change, FileChange, Refusal
from bot.registry import gate

_START_UP = frozenset({"sitecustomize.py", "usercustomize.py"})
_HARMLESS = frozenset({"pytest_addoption", "pytest_configure"})
_OWN = frozenset(name for name in dir(unittest.TestCase) if name.startswith(("assert", "fail"))) | {
    "run", "debug", "countTestCases", "defaultTestResult", "failureException", "__call__", "subTest", "doCleanups",
}  # fmt: skip
_WATCHING = frozenset({"sys.settrace", "sys.setprofile", "threading.settrace", "pluginmanager.register"})
_PATHS = {"basename": "name", "purebasename": "stem", "ext": "suffix"}
_OTHERS = frozenset({"load_tests", "trace_dispatch"})


@gate(kind="")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each new or changed hook."""
    for file in change.files:
        if file.name in _START_UP or file.path.endswith(".pth"):
            yield Refusal(file.path, 1, "Python runs this file at every start")
        before = by_name(file.old_part)
        for scope in scopes(file.new_part):
            known = before.get(scope.name)
            if known is not None and (ast.dump(known.node) == ast.dump(scope.node) or _ported(known.node, scope.node)):
                continue
            if isinstance(scope.node, ast.ClassDef) and _is_runner(scope.node):
                yield Refusal(file.path, scope.line, f"{scope.name} takes the place of a part of the runner")
            if isinstance(scope.node, Function) and _is_hook(scope.node, scope.owners, file):
                yield Refusal(file.path, scope.line, f"{scope.name} can decide what comes out of a test")
        yield from _plugins(file)
        yield from _entry_points(file)


def _ported(old: ast.AST, new: ast.AST) -> bool:
    """Return whether a hook stayed the same but for its parameters' names and those of a path."""
    if not isinstance(old, ast.FunctionDef) or not isinstance(new, ast.FunctionDef):
        return False
    names = {argument.arg: str(at) for at, argument in enumerate(new.args.args)}
    olds = {argument.arg: str(at) for at, argument in enumerate(old.args.args)}
    return len(names) == len(olds) and _plain(old, olds) == _plain(new, names)


def _plain(node: ast.FunctionDef, names: dict[str, str]) -> str:
    """Return a function as text with its parameters numbered and a path's attributes under one name."""
    copy = ast.parse(ast.unparse(node))
    for each in ast.walk(copy):
        if isinstance(each, ast.Name):
            each.id = names.get(each.id, each.id)
        elif isinstance(each, ast.arg):
            each.arg = names.get(each.arg, each.arg)
        elif isinstance(each, ast.Attribute):
            each.attr = _PATHS.get(each.attr, each.attr)
    return ast.dump(copy)


def _is_runner(node: ast.ClassDef) -> bool:
    parts = {"TestResult", "TextTestResult", "TextTestRunner", "TestLoader", "TestSuite", "TestProgram"}
    return any(dotted(base).rpartition(".")[2] in parts for base in node.bases)


def _is_hook(node: Function, owners: tuple[ast.ClassDef, ...], file: FileChange) -> bool:
    marked = any(dotted(each).endswith(("hookimpl", "hookwrapper")) for each in node.decorator_list)
    if node.name.startswith("pytest_") or marked:
        return not _is_harmless(node)
    if node.name in _OTHERS:
        return True
    return file.is_test and bool(owners) and node.name in _OWN and collects(owners[-1])


def _is_harmless(node: Function) -> bool:
    """Return whether a hook only declares options or markers."""
    if node.name not in _HARMLESS:
        return False
    calls = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
    known = {"addini", "addoption", "getgroup", "addinivalue_line"}
    if not all(dotted(each).rpartition(".")[2] in known for each in calls):
        return False
    if any(isinstance(each, ast.Assign | ast.AugAssign | ast.Delete) for each in ast.walk(node)):
        return False
    lines = [each for each in calls if dotted(each).endswith("addinivalue_line")]
    return all(
        isinstance(each.args[0], ast.Constant) and each.args[0].value == "markers" for each in lines if each.args
    )


def _entry_points(file: FileChange) -> Iterator[Refusal]:
    """Yield new registrations of a plug-in of the runner in the project's own metadata."""
    for line, text in file.added:
        if "pytest11" in text and not file.is_test:
            yield Refusal(file.path, line, "a plug-in of the test runner is registered")


def _plugins(file: FileChange) -> Iterator[Refusal]:
    """Yield new plugin registrations and tracing of the interpreter."""
    known = {ast.dump(each) for each in _calls(file.old_part, _WATCHING)}
    for node in _calls(file.new_part, _WATCHING):
        if ast.dump(node) not in known:
            yield Refusal(file.path, node.lineno, f"`{ast.unparse(node)[:120]}` watches or steers the run")


def _calls(tree: ast.Module | None, names: frozenset[str]) -> Iterator[ast.Call]:
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Call) and dotted(node).endswith(tuple(names)):
            yield node
