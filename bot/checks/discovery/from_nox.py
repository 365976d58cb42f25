"""Commands of nox sessions, read from the syntax tree of noxfile.py."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from bot.checks.discovery.shell import Command
from bot.codebase.repository import parse

RANK = 2
_FILE = "noxfile.py"
_RUNS = frozenset({"run", "run_always"})


def read(files: Mapping[str, str]) -> Iterator[Command]:
    """Yield what the sessions run with constant words; `*session.posargs` counts as empty."""
    tree = parse(files.get(_FILE, ""))
    if tree is None:
        return
    names = {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_run(node) and not _may_fail(node):
            words = _words(node.args, names)
            if words:
                yield Command(tuple(words), dict(_env(node)), ".", _FILE, RANK)


def installs(files: Mapping[str, str]) -> Iterator[str]:
    """Yield the requirements that sessions install by name."""
    tree = parse(files.get(_FILE, ""))
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "install":
            yield from (word for word in _words(node.args, {}) or () if not word.startswith(("-", ".")))


def _is_run(node: ast.Call) -> bool:
    function = node.func
    return isinstance(function, ast.Attribute) and function.attr in _RUNS and isinstance(function.value, ast.Name)


def _may_fail(node: ast.Call) -> bool:
    return any(word.arg == "success_codes" for word in node.keywords)


def _words(nodes: list[ast.expr], names: Mapping[str, ast.expr], depth: int = 0) -> list[str] | None:
    """Return the constant words of arguments, None when one is not constant."""
    found: list[str] = []
    for node in nodes:
        inner = _word(node, names, depth)
        if inner is None:
            return None
        found += inner
    return found


def _word(node: ast.expr, names: Mapping[str, ast.expr], depth: int) -> list[str] | None:
    """Return the words that one argument stands for, None when they can't be told."""
    match node:
        case _ if depth > 5:
            found = None
        case ast.Constant(value=str() as text):
            found = [text]
        case ast.Starred(value=inner) | ast.BoolOp(values=[*_, inner]):
            found = _word(inner, names, depth + 1)
        case ast.Attribute(attr="posargs"):
            found = []
        case ast.List(elts=items) | ast.Tuple(elts=items):
            found = _words(items, names, depth + 1)
        case ast.Name(id=name) if name in names:
            found = _word(names[name], names, depth + 1)
        case _:
            found = None
    return found


def _env(node: ast.Call) -> Iterator[tuple[str, str]]:
    for word in node.keywords:
        if word.arg == "env" and isinstance(word.value, ast.Dict):
            for key, value in zip(word.value.keys, word.value.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(value, ast.Constant):
                    yield str(key.value), str(value.value)
