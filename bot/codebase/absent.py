"""Who should have made what an error says is not there: a value of the right type, an attribute of an object."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

import re2

from bot.codebase.repository import Codebase
from bot.model import Frame

UNBOUND = re2.compile(r"local variable '\w+' (?:referenced before assignment|where it is not associated with a value)")
_LACKS = re2.compile(r"'([\w.]+)' object has no attribute '(\w+)'")


def makers(
    codebase: Codebase, stacks: Sequence[Sequence[Frame]], messages: Sequence[str]
) -> tuple[frozenset[str], frozenset[tuple[str, str]]]:
    """Return the functions that gave a useless value where failures end, and (class, attribute) of what is lacking."""
    gave: set[str] = set()
    lacking: set[tuple[str, str]] = set()
    for stack, message in zip(stacks, messages, strict=False):
        own = [frame for frame in stack if frame.project and frame.file in codebase.files]
        lacks = _LACKS.search(message)
        if lacks and any(one.kind == "class" for one in codebase.find(lacks.group(1))):
            lacking.add((lacks.group(1), lacks.group(2)))
        elif lacks and own:  # a value of another type than was meant, None most often
            gave |= set(_givers(codebase.tree(own[-1].file), own[-1].line, lacks.group(2)))
    return frozenset(gave), frozenset(lacking)


def _givers(tree: ast.Module | None, line: int, attribute: str) -> Iterator[str]:
    """Yield the functions whose results the statement at a line reads an attribute of, directly or by a variable."""
    for node in ast.walk(tree) if tree else ():
        here = isinstance(node, ast.Attribute) and node.attr == attribute
        if isinstance(node, ast.Attribute) and here and node.lineno <= line <= (node.end_lineno or line):
            yield from _called(_assigned(tree, _whole(node.value), line))


def _whole(value: ast.expr) -> ast.expr:
    """Return the variable that an attribute belongs to, else the expression itself: whoever made the one, the other."""
    inner = value
    while isinstance(inner, ast.Attribute):
        inner = inner.value
    return inner if isinstance(inner, ast.Name) and inner.id not in ("self", "cls") else value


def _assigned(tree: ast.Module | None, value: ast.expr, line: int) -> ast.expr:
    """Return what a variable was last given before a line, else the value itself."""
    if not isinstance(value, ast.Name) or tree is None:
        return value
    given = [
        (node.lineno, made)
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt | ast.expr) and node.lineno < line
        for made in _given(node, value.id)
    ]
    return max(given, key=lambda one: one[0])[1] if given else value


def _given(node: ast.AST, name: str) -> Iterator[ast.expr]:
    """Yield what a node gives to a name: an assignment, a named expression, a loop."""
    match node:
        case ast.Assign(targets=targets, value=made) if any(_is(target, name) for target in targets):
            yield made
        case ast.NamedExpr(target=target, value=made) if _is(target, name):
            yield made
        case ast.For(target=target, iter=made) if _is(target, name):
            yield made


def _is(target: ast.expr, name: str) -> bool:
    return isinstance(target, ast.Name) and target.id == name


def _called(value: ast.expr) -> Iterator[str]:
    if isinstance(value, ast.Call):
        name = getattr(value.func, "attr", getattr(value.func, "id", ""))
        yield from [name] if name else []
