"""Correct an annotation that contradicts the code it describes, as a type checker found.

A function that returns None on some way, a variable assigned None, a literal of another builtin type: the code
works and the annotation is wrong. The type checker has to agree afterwards, and find nothing new.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._apis import Unit
from bot.strategies._mypy import TypeFinding, findings, statement_on
from bot.strategies._places import enclosing
from bot.strategies._python import annotate, optional
from bot.strategies._text import edit, source

_RETURN = re2.compile(r'Incompatible return value type \(got "([^"]+)", expected "([^"]+)"\)')
_ASSIGN = re2.compile(
    r'Incompatible types in assignment \(expression has type "([^"]+)", variable has type "([^"]+)"\)'
)
_NOT_A_TYPE = re2.compile(r'Function "(?:builtins\.)?(any|callable)" is not valid as a type')
_SIMPLE = frozenset({"int", "str", "float", "bool", "bytes"})
_MEANT = {"any": "Any", "callable": "Callable"}

Change = tuple[ast.expr, tuple[str, str]]


def _literal_type(node: ast.expr | None) -> str:
    return (
        type(node.value).__name__
        if isinstance(node, ast.Constant)
        else "str"
        if isinstance(node, ast.JoinedStr)
        else ""
    )


def _admits(got: str, expected: str) -> bool:
    """Return whether what came and what was expected differ only by None."""
    return got == "None" or got in {f"{expected} | None", f"Optional[{expected}]", f"None | {expected}"}


def _of_return(finding: TypeFinding, unit: Unit, codebase: Codebase) -> Iterator[Change]:
    found, function = _RETURN.search(finding.message), enclosing(unit.tree, finding.line)
    if not found or function is None or function.returns is None:
        return
    got, expected = found.groups()
    if _admits(got, expected):
        yield function.returns, optional(source(unit.text, function.returns), unit, codebase)
        return
    values = [node.value for node in ast.walk(function) if isinstance(node, ast.Return)]
    if got in _SIMPLE and expected in _SIMPLE and all(_literal_type(value) == got for value in values):
        yield function.returns, (got, "")


def _of_assignment(finding: TypeFinding, unit: Unit, codebase: Codebase) -> Iterator[Change]:
    found, statement = _ASSIGN.search(finding.message), statement_on(unit.tree, finding.line)
    if not found or not isinstance(statement, ast.AnnAssign):
        return
    got, expected = found.groups()
    if _admits(got, expected):
        yield statement.annotation, optional(source(unit.text, statement.annotation), unit, codebase)
    elif got in _SIMPLE and expected in _SIMPLE and _literal_type(statement.value) == got:
        yield statement.annotation, (got, "")


def _of_type(finding: TypeFinding, unit: Unit) -> Iterator[Change]:
    found = _NOT_A_TYPE.search(finding.message)
    name = found.group(1) if found else ""
    home = "typing" if name == "any" else "collections.abc"
    for node in ast.walk(unit.tree):
        if name and isinstance(node, ast.Name) and node.id == name and node.lineno == finding.line:
            meant = _MEANT[name]
            known = unit.origins.get(meant, "").endswith(f".{meant}")
            yield node, (meant, "" if known else f"from {home} import {meant}")


def _changes(finding: TypeFinding, unit: Unit, codebase: Codebase) -> Iterator[Change]:
    yield from _of_return(finding, unit, codebase)
    yield from _of_assignment(finding, unit, codebase)
    yield from _of_type(finding, unit)


@strategy(causes=("type",), trust="review", prior=0.7)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for all the annotations that the code contradicts."""
    units: dict[str, Unit] = {}
    changes: dict[str, dict[ast.expr, tuple[str, str]]] = {}
    for finding in findings(diagnosis, codebase):
        if codebase.tree(finding.path) is not None:
            unit = units.setdefault(finding.path, Unit(codebase.text(finding.path)))
            changes.setdefault(finding.path, {}).update(_changes(finding, unit, codebase))
    edits: list[FileEdit] = []
    for path, made in changes.items():
        annotate(units[path], list(made.items()))
        edits += edit(path, codebase.text(path), units[path].text)
    if edits:
        yield Proposal(
            strategy="wrong_annotation",
            title=f"Correct annotations in {edits[0].path}",
            edits=tuple(edits),
            confidence=0.7,
            why="the code does what it should, and the annotation says something else.",
        )
