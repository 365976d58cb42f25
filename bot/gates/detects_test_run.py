"""Refuses product code that asks whether it is being tested: `sys.modules`, the runner's variables, the call stack."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator

from bot.gates._scopes import dotted
from bot.proof.change import Change, FileChange, Refusal
from bot.registry import gate

_RUNNERS = frozenset({"pytest", "unittest", "nose", "_pytest", "doctest", "tox", "hypothesis", "nox"})
_VARIABLES = frozenset(
    {"PYTEST_CURRENT_TEST", "PYTEST_VERSION", "PYTEST_XDIST_WORKER", "TOX_ENV_NAME", "CI", "GITHUB_ACTIONS", "TESTING"}
)
_STACK = frozenset(
    {"inspect.stack", "sys._getframe", "inspect.currentframe", "traceback.extract_stack", "inspect.getouterframes"}
)
_PLACES = ("sys.modules", "os.environ", "sys.argv", "os.getenv", "environ", "importlib.util", "find_spec", "getenv")
_HERE = frozenset({"__file__", "os.getcwd", "Path.cwd", "pathlib.Path.cwd", "__name__", "sys.path"})


@gate(kind="")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each new place where product code looks for a test run."""
    for file in change.product:
        known = Counter(ast.dump(node) for node in _looks(file.old_part))
        yield from _imports(file)
        for node in _looks(file.new_part):
            known[ast.dump(node)] -= 1
            if known[ast.dump(node)] < 0:
                yield Refusal(file.path, node.lineno, f"`{ast.unparse(node)}` looks for a test run")


def _imports(file: FileChange) -> Iterator[Refusal]:
    """Yield new imports of a test runner in product code; `unittest.mock` has uses of its own."""
    known = {name for _, name in _imported(file.old_part)}
    for line, name in _imported(file.new_part):
        if name not in known and name.partition(".")[0] in _RUNNERS - {"doctest"} and name != "unittest.mock":
            yield Refusal(file.path, line, f"product code imports {name}")


def _imported(tree: ast.Module | None) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Import):
            yield from ((node.lineno, each.name) for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, node.module or ""


def _looks(tree: ast.AST | None) -> Iterator[ast.expr]:
    for node in ast.walk(tree) if tree is not None else ():
        stack = isinstance(node, ast.Call) and dotted(node) in _STACK
        if isinstance(node, ast.Compare | ast.Call | ast.Subscript) and (stack or _asks(node)):
            yield node


def _asks(node: ast.expr) -> bool:
    """Return whether an expression asks one of the places for a runner or its variables, itself and not deeper."""
    spelt = [each for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    words = {str(each.value) for each in spelt}
    places = {dotted(each) for each in ast.walk(node) if isinstance(each, ast.Attribute | ast.Name)}
    here = any(place in places or any(each.startswith(f"{place}.") for each in places) for place in _PLACES)
    runner = any(word.split(".")[0] in _RUNNERS or "pytest" in word.lower() for word in words)
    folder = bool(places & _HERE) and any("test" in word.lower() for word in words)
    return folder or (here and (runner or bool(words & _VARIABLES))) or "_called_from_test" in words
