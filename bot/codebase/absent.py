"""Who should have made what an error says is not there: a value that is None, an attribute that an object lacks."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

import re2

from bot.codebase.repository import Codebase
from bot.model import Frame

_NONE = re2.compile(r"'NoneType' object has no attribute '(\w+)'")
_LACKS = re2.compile(r"'(\w+)' object has no attribute '(\w+)'")


def makers(
    codebase: Codebase, stacks: Sequence[Sequence[Frame]], messages: Sequence[str]
) -> tuple[frozenset[str], frozenset[tuple[str, str]]]:
    """Return the functions that gave None where the failures end, and (class, attribute) of what is lacking."""
    gave: set[str] = set()
    lacking: set[tuple[str, str]] = set()
    for stack, message in zip(stacks, messages, strict=False):
        own = [frame for frame in stack if frame.project and frame.file in codebase.files]
        none, lacks = _NONE.search(message), _LACKS.search(message)
        if none:
            gave |= set(_givers(codebase.tree(own[-1].file), own[-1].line, none.group(1)) if own else ())
        elif lacks:
            lacking.add((lacks.group(1), lacks.group(2)))
    return frozenset(gave), frozenset(lacking)


def _givers(tree: ast.Module | None, line: int, attribute: str) -> Iterator[str]:
    """Yield the functions whose results the statement at a line reads an attribute of, directly or by a variable."""
    for node in ast.walk(tree) if tree else ():
        here = isinstance(node, ast.Attribute) and node.attr == attribute
        if isinstance(node, ast.Attribute) and here and node.lineno <= line <= (node.end_lineno or line):
            yield from _called(_assigned(tree, node.value, line))


def _assigned(tree: ast.Module | None, value: ast.expr, line: int) -> ast.expr:
    """Return what a variable was last given before a line, else the value itself."""
    if not isinstance(value, ast.Name) or tree is None:
        return value
    given = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and node.lineno < line and _gives(node, value.id)
    ]
    return max(given, key=lambda node: node.lineno).value if given else value


def _gives(node: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)


def _called(value: ast.expr) -> Iterator[str]:
    if isinstance(value, ast.Call):
        name = getattr(value.func, "attr", getattr(value.func, "id", ""))
        yield from [name] if name else []
