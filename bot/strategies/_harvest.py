"""What the project's own tests call functions and classes with: arguments and constructors as source text."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.codebase import Codebase
from bot.model import Diagnosis
from bot.strategies._recorded import arguments_of

MOST = 2


def given_to(name: str, diagnosis: Diagnosis, codebase: Codebase) -> list[str]:
    """Return up to two argument lists for a function: of its recorded calls, else of plain calls in the tests."""
    recorded = [text for call in diagnosis.calls if (text := arguments_of(call)) is not None]
    found = dict.fromkeys(recorded) or dict.fromkeys(_plain_calls(name, codebase))
    return list(found)[:MOST]


def made(name: str, node: ast.ClassDef, codebase: Codebase) -> str | None:
    """Return an expression that makes an object of a class, as the tests do, or without arguments; None if neither."""
    arguments = next(_plain_calls(name, codebase), None)
    if arguments is not None:
        return f"{name}({arguments})"
    init = next((s for s in node.body if isinstance(s, ast.FunctionDef) and s.name == "__init__"), None)
    if init is None:
        return f"{name}()" if all(ast.unparse(base) == "object" for base in node.bases) else None
    wanted = len(init.args.posonlyargs) + len(init.args.args) - 1 - len(init.args.defaults)
    bare = wanted <= 0 and all(default is not None for default in init.args.kw_defaults)
    return f"{name}()" if bare else None


def _plain_calls(name: str, codebase: Codebase) -> Iterator[str]:
    """Yield the arguments of calls in the tests that hold nothing but literals."""
    for path in codebase.python_files:
        tree = codebase.tree(path) if codebase.is_test(path) and name in codebase.text(path) else None
        for node in ast.walk(tree) if tree else ():
            if isinstance(node, ast.Call) and _name(node.func) == name and all(map(_plain, _values(node))):
                yield ast.unparse(node).removeprefix(ast.unparse(node.func))[1:-1]


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _values(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value if keyword.arg else call for keyword in call.keywords)]


def _plain(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return False
    return True
