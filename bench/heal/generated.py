"""What tests that were written for a function are worth, one by one."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.heal.suite import run
from bot.fixing.mutants import mutants

LONG, SHORT = 60.0, 15.0  # seconds for the whole suite, and for the tests of one function
TIMES = 5  # random orders of the whole suite that a test has to pass in


@dataclass(frozen=True)
class Worth:
    """How many tests were written, pass in every order, kill a mutant of the function, and assert something."""

    written: int = 0
    kept: int = 0
    killing: int = 0
    asserting: int = 0

    def __add__(self, other: Worth) -> Worth:
        """Return both together."""
        mine, theirs = vars(self).values(), vars(other).values()
        return Worth(*(one + two for one, two in zip(mine, theirs, strict=True)))


def worth(tree: Path, made: Path, files: Mapping[str, str], at: tuple[Path, str]) -> Worth:
    """Return what the added tests of `files` (with what they held before) are worth for the function `at`.

    `at` is (file, qualified name). The whole suite is run five times in random order, mutants against the files only.
    """
    every = {name: asserts for file in files for name, asserts in _tests((tree / file).read_text(encoding="utf-8"))}
    old = {name for before in files.values() for name, _ in _tests(before)}
    tests = {name: asserts for name, asserts in every.items() if name not in old}
    good = set(tests)
    for seed in range(TIMES):
        os.environ["SHUFFLE_SEED"] = str(seed)
        done = run(tree, made, plugin="shuffle", seconds=LONG)
        passed = {name.rpartition("::")[2].partition("[")[0] for name in done.passed}
        failed = {name.rpartition("::")[2].partition("[")[0] for name in done.failed}
        good &= passed - failed
    killers: set[str] = set()
    path, function = at
    text = path.read_text(encoding="utf-8")
    for mutant in mutants(text, function):
        path.write_text(mutant, encoding="utf-8")
        done = run(tree, made, only=tuple(files), seconds=SHORT)
        killers |= {name.rpartition("::")[2].partition("[")[0] for name in done.failed}
        killers |= set() if done.complete else set(tests)
    path.write_text(text, encoding="utf-8")
    return Worth(len(tests), len(good), len(killers & set(tests)), sum(tests.values()))


def _tests(text: str) -> Iterator[tuple[str, bool]]:
    """Yield (name, whether it asserts something) of the tests of a file."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
            yield node.name, any(_asserts(part) for part in ast.walk(node))


def _asserts(node: ast.AST) -> bool:
    if isinstance(node, ast.Assert):
        return not isinstance(node.test, ast.Constant)
    called = node.func if isinstance(node, ast.Call) else None
    return isinstance(called, ast.Attribute) and called.attr.startswith(("assert", "raises"))
