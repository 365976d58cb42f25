"""What a failing assertion is about: the project's functions whose results it looks at.

A message such as `assert 4 == 3` says nothing about the cause, so failing assertions are one cause when they look at
the same functions, and several when they do not. A function counts when the failing statement calls it, or when a
name in that statement was given its result earlier in the test.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from bot.codebase import Codebase
from bot.model import Failure

ASSERTIONS = frozenset({"AssertionError", "Failed"})
Function = ast.FunctionDef | ast.AsyncFunctionDef


def subject_of(failure: Failure, codebase: Codebase) -> tuple[str, ...]:
    """Return the names of the project's functions that a failing assertion is about; empty when that is not known."""
    if (failure.exception or "AssertionError").rpartition(".")[2] not in ASSERTIONS or failure.klass != "test-failure":
        return ()
    if any(frame.project and not codebase.is_test(frame.file) for frame in failure.frames):
        return ()
    place = _place(failure, codebase)
    found = place and _function(codebase, *place)
    if not place or not found:
        return ()
    return tuple(sorted(_called(found, place[1], codebase)))


def _place(failure: Failure, codebase: Codebase) -> tuple[str, int] | None:
    frames = [(frame.file, frame.line) for frame in failure.frames if codebase.is_test(frame.file)]
    here = frames[0] if frames else (failure.file or "", failure.line or 0)
    return here if here[0] in codebase.files and here[1] else None


def _function(codebase: Codebase, file: str, line: int) -> Function | None:
    tree = codebase.tree(file)
    around = [
        node
        for node in (ast.walk(tree) if tree else ())
        if isinstance(node, Function) and node.lineno <= line <= (node.end_lineno or line)
    ]
    return max(around, key=lambda node: node.lineno, default=None)


def _called(function: Function, line: int, codebase: Codebase) -> frozenset[str]:
    statements = [node for node in ast.walk(function) if isinstance(node, ast.stmt) and node is not function]
    at = [node for node in statements if node.lineno <= line <= (node.end_lineno or node.lineno)]
    failing = max(at, key=lambda node: node.lineno, default=None)
    if failing is None:
        return frozenset()
    direct = frozenset(_project_calls(failing, codebase))
    if direct:
        return direct
    names = {node.id for node in ast.walk(failing) if isinstance(node, ast.Name)}
    before = [node for node in statements if isinstance(node, ast.Assign) and node.lineno < failing.lineno]
    given = [node for node in before if names & _targets(node)]
    return frozenset(name for node in given for name in _project_calls(node, codebase))


def _targets(node: ast.Assign) -> set[str]:
    return {part.id for target in node.targets for part in ast.walk(target) if isinstance(part, ast.Name)}


def _project_calls(node: ast.AST, codebase: Codebase) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Call):
            name = _name(part.func)
            if name and any(_is_code(codebase, symbol.file) for symbol in codebase.find(name)):
                yield name


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _is_code(codebase: Codebase, file: str) -> bool:
    return not codebase.is_test(file)


def causes(failures: Iterable[Failure], codebase: Codebase) -> dict[int, str]:
    """Return a cause for each failing assertion whose subject is known, by its place among `failures`.

    Assertions that share a function are one cause; it is named by the functions of the first of them.
    """
    groups: list[tuple[set[str], list[int]]] = []
    for place, failure in enumerate(failures):
        subject = set(subject_of(failure, codebase))
        if not subject:
            continue
        shared = [group for group in groups if group[0] & subject]
        merged = (subject.union(*(g[0] for g in shared)), [*(n for g in shared for n in g[1]), place])
        groups = [group for group in groups if group not in shared] + [merged]
    return {place: f"assertion:{','.join(sorted(names))}" for names, places in groups for place in places}
