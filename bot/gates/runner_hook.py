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
# https://docs.pytest.org/en/stable/deprecations.html, "py.path.local arguments for hooks replaced"
_RENAMED = {
    "pytest_ignore_collect": ("path", "collection_path"), "pytest_collect_file": ("path", "file_path"),
    "pytest_pycollect_makemodule": ("path", "module_path"), "pytest_report_header": ("startdir", "start_path"),
    "pytest_report_collectionfinish": ("startdir", "start_path"),
}  # fmt: skip
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
    """Return whether a hook only got a parameter's new name and what a `Path` calls that parameter's attributes.

    pytest hands a hook its parameters by their names, so any other renaming means another value.
    """
    if not isinstance(old, ast.FunctionDef) or not isinstance(new, ast.FunctionDef) or old.name not in _RENAMED:
        return False
    before, after = _RENAMED[old.name]
    taken = {n.id for n in ast.walk(old) if isinstance(n, ast.Name)} | {n.arg for n in _arguments(old)}
    named = before in {n.arg for n in _arguments(old)} and not _binds(old, before)
    if not named or after in taken or any(isinstance(n, ast.Global | ast.Nonlocal) for n in ast.walk(old)):
        return False
    copy = ast.parse(ast.unparse(old)).body[0]
    return ast.unparse(_Renamed(before, after).visit(copy)) == ast.unparse(new)


def _arguments(node: ast.FunctionDef) -> list[ast.arg]:
    return [each for each in ast.walk(node) if isinstance(each, ast.arg)]


def _binds(node: ast.FunctionDef, name: str) -> bool:
    """Return whether a function binds the name of its parameter anew, here or in a function inside it."""
    stored = [n for n in ast.walk(node) if isinstance(n, ast.Name) and n.id == name and not isinstance(n.ctx, ast.Load)]
    return bool(stored) or sum(each.arg == name for each in _arguments(node)) > 1


class _Renamed(ast.NodeTransformer):
    """Writes a hook with the parameter's new name."""

    def __init__(self, before: str, after: str) -> None:
        self.before, self.after = before, after

    def visit_arg(self, node: ast.arg) -> ast.arg:
        """Return the parameter under its new name; others as they are."""
        node.arg = self.after if node.arg == self.before else node.arg
        return node

    def visit_Name(self, node: ast.Name) -> ast.Name:
        """Return a use of the parameter under its new name; others as they are."""
        node.id = self.after if node.id == self.before else node.id
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """Return an attribute of the parameter as a `Path` has it; others as they are."""
        own = isinstance(node.value, ast.Name) and node.value.id == self.before
        if own and node.attr == "strpath":
            return ast.Call(ast.Name("str", ast.Load()), [ast.Name(self.after, ast.Load())], [])
        self.generic_visit(node)
        node.attr = _PATHS.get(node.attr, node.attr) if own else node.attr
        return node


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
