"""Tests that a patch adds: they should fail without its code, or, where the code is right, when it is made wrong."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.model import Check, CheckRecord, FileEdit, Patch, Run, Trial
from bot.proof.change import parsed
from bot.proof.ground import Found, Ground
from bot.proof.outcomes import GOOD, listed, state_of
from bot.proof.running import run_in, variant

MUTANTS = 3
"""Mutants tried for one new test at most; the first that it kills is proof enough."""


def prove_added(trial: Trial, ground: Ground, added: tuple[str, ...]) -> Found:
    """Return whether the added tests can tell right from wrong; nothing where the patch adds none."""
    check = ground.test_check()
    if not added or check is None:
        return Found()
    code, tests = _split(trial.patch, ground)
    if code:
        return _without_code(trial, ground, check, (added, tests))
    return _with_mutants(trial, ground, check, added)


def _split(patch: Patch, ground: Ground) -> tuple[tuple[FileEdit, ...], tuple[FileEdit, ...]]:
    """Return the edits of the product and those of the tests."""
    tests = tuple(edit for edit in patch.edits if ground.codebase.is_test(edit.path))
    return tuple(edit for edit in patch.edits if edit not in tests), tests


def _without_code(
    trial: Trial, ground: Ground, check: Check, parts: tuple[tuple[str, ...], tuple[FileEdit, ...]]
) -> Found:
    """Run the added tests on the old code: at least one must fail, else none of them shows what was wrong."""
    added, tests = parts
    ground.say(f"running {len(added)} added test(s) without the fix")
    done = run_in(ground, variant(trial, "old-code", tests), check, ids=added)
    failing = [test for test in added if state_of(test, done.outcomes) not in GOOD]
    record = CheckRecord(
        name="added tests",
        passed=True,
        seen=f"{len(failing)} of {len(added)} fail without the fix" + (f": {listed(failing)}" if failing else ""),
        wanted="told for each patch that adds tests",
        why="A test that passes without the fix guards nothing of it.",
        runs=(done.run,),
    )
    return Found((record,), before=(done.run,), facts={"added_fail_before": failing})


def _with_mutants(trial: Trial, ground: Ground, check: Check, added: tuple[str, ...]) -> Found:
    """Run the added tests on code made wrong: they must notice."""
    path, line = ground.diagnosis.file, ground.diagnosis.line
    text = ground.codebase.files.get(path, "")
    runs: list[Run] = []
    for number, mutant in enumerate(mutants(text, line)[:MUTANTS]):
        ground.say("running the added tests on code made wrong")
        edits = (*trial.patch.edits, FileEdit(path=path, text=mutant))
        done = run_in(ground, variant(trial, f"mutant-{number}", edits), check, ids=added)
        runs.append(done.run)
        noticed = [test for test in added if state_of(test, done.outcomes) not in GOOD]
        if noticed:
            return Found((_noticed(True, f"{len(noticed)} of {len(added)} notice a wrong result", runs),))
    if not runs:
        return Found(not_checked=("added tests: there is no code to make wrong",))
    return Found((_noticed(False, "the added tests pass with wrong code too", runs),))


def _noticed(passed: bool, seen: str, runs: list[Run]) -> CheckRecord:
    return CheckRecord(
        name="added tests",
        passed=passed,
        seen=seen,
        wanted="the added tests fail when the tested function is made wrong",
        why="A test that can't fail proves nothing.",
        runs=tuple(runs),
    )


def mutants(text: str, line: int) -> list[str]:
    """Return a Python text with the function around `line` (all functions where there is none) made wrong, in turn.

    Each mutant replaces what is returned, or ends the function before it does anything.
    """
    tree = parsed(text)
    if tree is None:
        return []
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    around = [node for node in functions if node.lineno <= line <= (node.end_lineno or node.lineno)]
    chosen = [max(around, key=lambda node: node.lineno)] if around else functions
    return [mutant for node in chosen for mutant in _mutated(text, node)]


def _mutated(text: str, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    lines = text.splitlines(keepends=True)
    first = node.body[0]
    if first.lineno == node.lineno:
        return
    returned = [each for each in ast.walk(node) if isinstance(each, ast.Return) and each.value is not None]
    margin = " " * first.col_offset
    for each in returned[:1]:
        start, end = each.lineno - 1, each.end_lineno or each.lineno
        yield "".join([*lines[:start], " " * each.col_offset + "return object()\n", *lines[end:]])
    yield "".join([*lines[: first.lineno - 1], f"{margin}return None\n", *lines[first.lineno - 1 :]])
