"""Refuses code that ends the process: `os._exit` anywhere, and new ways to exit outside a program's entry point."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator

from bot.gates._scopes import dotted
from bot.proof.change import Change, Refusal
from bot.registry import gate

_HARD = frozenset(
    {"os._exit", "_exit", "os.abort", "os.kill", "os.killpg", "signal.raise_signal", "faulthandler._sigsegv"}
)
_SOFT = frozenset({"sys.exit", "exit", "quit", "SystemExit", "pytest.exit"})
_ENTRIES = frozenset({"main", "cli", "run", "__main__"})


@gate(kind="")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each new exit."""
    for file in change.python:
        known = Counter(dotted(node) for node, _ in _exits(file.old_part))
        for node, at_entry in _exits(file.new_part):
            name = dotted(node)
            known[name] -= 1
            if known[name] < 0 and (_is_hard(name) or not (at_entry or file.name == "__main__.py" or _fails(node))):
                yield Refusal(file.path, getattr(node, "lineno", 1), f"`{ast.unparse(node)}` ends the process")


def _is_hard(name: str) -> bool:
    return name in _HARD or name.endswith("._exit")


def _fails(node: ast.expr) -> bool:
    """Return whether an exit reports a failure: a message, or a code that is not 0; a test can't get green by it."""
    if not isinstance(node, ast.Call) or not node.args:
        return False
    code = node.args[0]
    return isinstance(code, ast.JoinedStr) or (
        isinstance(code, ast.Constant) and code.value not in (0, None, "", False)
    )


def _exits(tree: ast.AST | None, at_entry: bool = False) -> Iterator[tuple[ast.expr, bool]]:
    """Yield what ends the process, each with whether it stands in an entry point."""
    for node in ast.iter_child_nodes(tree) if tree is not None else ():
        inside = at_entry or _is_entry(node)
        if isinstance(node, ast.Raise) and node.exc is not None and dotted(node.exc) == "SystemExit":
            yield node.exc, inside
            continue
        if isinstance(node, ast.Call) and (dotted(node) in _SOFT - {"SystemExit"} or _is_hard(dotted(node))):
            yield node, inside
            continue
        if isinstance(node, ast.Attribute | ast.Name) and _is_hard(dotted(node)) and dotted(node) != "_exit":
            yield node, inside
            continue
        yield from _exits(node, inside)


def _is_entry(node: ast.AST) -> bool:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return node.name in _ENTRIES
    if not isinstance(node, ast.If) or not isinstance(node.test, ast.Compare):
        return False
    return "__name__" in ast.unparse(node.test) and "__main__" in ast.unparse(node.test)
