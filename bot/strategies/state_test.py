"""Test that calls share nothing: the same call gives the same again, arguments stay as they were, objects are apart.

Several such tests are written; only those that fail without the fix are kept.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from bot.codebase import Codebase
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._calls import functions, is_static
from bot.strategies._classes import class_node
from bot.strategies._harvest import given_to, made
from bot.strategies._mutable import is_mutable
from bot.strategies._testfile import importable, new_path, test_module

Body = tuple[str, list[str]]  # the end of the test's name, and its lines


def _of_call(called: str, arguments: str, *, repeats: bool) -> Iterator[Body]:
    """Yield what must hold for any function that keeps nothing and changes nothing."""
    call = f"{called}({arguments})"
    yield "gives_the_same_again", [f"first = copy.deepcopy({call})", f"assert {call} == first"]
    if any(bracket in arguments for bracket in "[{"):
        tree = ast.parse(f"f({arguments})", mode="eval").body
        if isinstance(tree, ast.Call) and not tree.keywords:
            made_ = [f"given = ({arguments},)", "before = copy.deepcopy(given)"]
            yield "leaves_its_arguments_alone", [*made_, f"{called}(*given)", "assert given == before"]
    if not repeats:
        return
    rows = [f"made = {call}", "rows = list(made.values()) if isinstance(made, dict) else list(made)"]
    yield "gives_separate_objects", [*rows, "assert len({id(row) for row in rows}) == len(rows)"]


def _of_class(name: str, node: ast.ClassDef, codebase: Codebase) -> Iterator[Body]:
    """Yield what must hold for objects that own what they hold."""
    new = made(name, node, codebase)
    for statement in node.body if new else ():
        if isinstance(statement, ast.Assign) and is_mutable(statement.value):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    yield f"has_its_own_{target.id.strip('_')}", [f"assert {new}.{target.id} is not {new}.{target.id}"]


def _bodies(diagnosis: Diagnosis, codebase: Codebase) -> Iterator[Body]:
    name = diagnosis.function
    place = class_node(name, codebase)
    if place is not None and place[0] == diagnosis.file:
        yield from _of_class(name, place[1], codebase)
        return
    found = next((one for one in functions(diagnosis.file, codebase) if one[0] == name), None)
    if found is None or isinstance(found[1], ast.AsyncFunctionDef) or "<locals>" in name:
        return
    _, node, owner = found
    called: str | None = name
    if owner is not None and not is_static(node):
        new = made(owner.name, owner, codebase)
        called = f"{new}.{node.name}" if new else None
        yield from _of_class(owner.name, owner, codebase)
    repeats = any(mark in ast.unparse(node) for mark in ("] * ", "fromkeys("))
    for arguments in given_to(node.name, diagnosis, codebase) if called else ():
        yield from _of_call(str(called), arguments, repeats=repeats)


def _file(diagnosis: Diagnosis, codebase: Codebase) -> FileEdit | None:
    module = importable(codebase, diagnosis.file) if diagnosis.file in codebase.files else ""
    bodies = list(_bodies(diagnosis, codebase)) if module else []
    if not bodies:
        return None
    last = diagnosis.function.rpartition(".")[2].strip("_").lower()
    counted: dict[str, int] = {}
    tests: list[Body] = []
    for end, lines in bodies:
        counted[end] = counted.get(end, 0) + 1
        tests.append((f"{last}_{end}" + (f"_{counted[end]}" if counted[end] > 1 else ""), lines))
    imports = [f"from {module} import {diagnosis.function.partition('.')[0]}"]
    text = test_module(f"What `{module}.{diagnosis.function}` must not share.", ["copy"], imports, tests, codebase)
    return FileEdit(path=new_path(codebase, diagnosis.file, f"{last}_state"), text=text)


@strategy(causes=("state",), trust="glance", touches="tests", kind="test", prior=0.7)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one new test file for a fix when no test fails on the cause."""
    if diagnosis.failing_tests or not diagnosis.details.get("fix") or not diagnosis.function:
        return
    made_ = _file(diagnosis, codebase)
    if made_:
        yield Proposal(
            strategy="state_test",
            title=f"Test that {diagnosis.function} shares nothing",
            edits=(made_,),
            confidence=0.8,
            why="state that leaks from one call to the next shows when a call is made twice.",
        )
