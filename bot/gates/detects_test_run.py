"""Refuses product code that asks whether it is being tested: `sys.modules`, the runner's variables, the call stack."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator

from bot.gates._scopes import dotted
from bot.proof.change import Change, Refusal
from bot.registry import gate

_RUNNERS = frozenset({"pytest", "unittest", "nose", "_pytest", "doctest", "tox", "hypothesis", "nox"})
_VARIABLES = frozenset(
    {"PYTEST_CURRENT_TEST", "PYTEST_VERSION", "PYTEST_XDIST_WORKER", "TOX_ENV_NAME", "CI", "GITHUB_ACTIONS", "TESTING"}
)
_STACK = frozenset(
    {"inspect.stack", "sys._getframe", "inspect.currentframe", "traceback.extract_stack", "inspect.getouterframes"}
)
_PLACES = ("sys.modules", "os.environ", "sys.argv", "os.getenv", "environ")


@gate(kind="")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each new place where product code looks for a test run."""
    for file in change.product:
        known = Counter(ast.dump(node) for node in _looks(file.old))
        for node in _looks(file.new):
            known[ast.dump(node)] -= 1
            if known[ast.dump(node)] < 0:
                yield Refusal(file.path, node.lineno, f"`{ast.unparse(node)}` looks for a test run")


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
    return here and (runner or bool(words & _VARIABLES))
