"""The fixtures that a project defines, and those that pytest brings."""

from __future__ import annotations

import ast

from bot.codebase import Codebase
from bot.strategies._statements import dotted

Function = ast.FunctionDef | ast.AsyncFunctionDef
# https://docs.pytest.org/en/stable/reference/fixtures.html#built-in-fixtures
BUILT_IN = frozenset(
    "cache capfd capfdbinary caplog capsys capsysbinary doctest_namespace monkeypatch pytestconfig recwarn request"
    " record_property record_testsuite_property record_xml_attribute testdir pytester tmp_path tmp_path_factory tmpdir"
    " tmpdir_factory".split()
)


def is_fixture(node: ast.AST) -> bool:
    """Return whether a definition is a fixture, by its decorators."""
    if not isinstance(node, Function):
        return False
    names = [dotted(each.func if isinstance(each, ast.Call) else each) for each in node.decorator_list]
    return any(name.rpartition(".")[2] in {"fixture", "yield_fixture"} for name in names)


def fixtures(path: str, codebase: Codebase) -> set[str]:
    """Return the names of the fixtures that a test file sees: its own, those of the conftest files above, pytest's."""
    found = set(BUILT_IN)
    for other in codebase.python_files:
        folder, _, name = other.rpartition("/")
        above = name == "conftest.py" and (not folder or path.startswith(f"{folder}/"))
        tree = codebase.tree(other) if above or other == path else None
        found |= (
            {node.name for node in ast.walk(tree) if isinstance(node, Function) and is_fixture(node)} if tree else set()
        )
    return found


def parameters(node: Function) -> list[ast.arg]:
    """Return the plain parameters of a function."""
    return [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
