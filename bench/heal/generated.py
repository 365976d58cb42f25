"""What tests that were written for a function are worth, one by one.

    python -m bench.heal.generated LIBRARY... [--sample N] [--seed N] [--folder DIR]

Run by itself, it records what the library's own suite calls, lets tests be written for functions from these calls as
for functions that no test runs, and prints what became of them.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.heal.suite import environment, run
from bench.injector import Library, fetch
from bot.adapters.sandbox import pick
from bot.checks import discover
from bot.codebase import Codebase
from bot.fixing.drafts import draft, judged, proposals
from bot.fixing.mutants import mutants
from bot.fixing.newtests import Judge
from bot.model import CodebaseInfo, Diagnosis, FileEdit, RecordedCall
from bot.policy import RepoPolicy
from bot.registry import units

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


def recorded(library: Library, tree: Path, made: Path) -> dict[tuple[str, str], tuple[RecordedCall, ...]]:
    """Return the calls that the suite makes of each function, by (file, qualified name)."""
    seen = tree.parent / f"{tree.name}.jsonl"
    run(tree, made, watch=seen)
    calls: dict[str, list[RecordedCall]] = {}
    for line in seen.open(encoding="utf-8"):
        event = json.loads(line)
        held = event.get("context") or {}
        if "result" in held:
            given = json.dumps(held["args"])
            call = RecordedCall(handler=event["handler"], args=given, result=json.dumps(held["result"]))
            calls.setdefault(event["handler"], []).append(call)
    code = Codebase(_info(library, tree, made))
    homes = {f"{code.module_name(path)}.{one.qualname}": (path, one.qualname)
             for path in library.sources for one in code.symbols(path) if one.kind == "function"}  # fmt: skip
    return {homes[name]: tuple(each) for name, each in calls.items() if name in homes}


def _info(library: Library, tree: Path, made: Path) -> CodebaseInfo:
    checks = tuple(discover(library.files))
    return CodebaseInfo(
        repository=library.name, checkout="", tree=str(tree), digest="", environment=str(made), checks=checks
    )


def written(code: Codebase, at: tuple[str, str], calls: tuple[RecordedCall, ...]) -> FileEdit | None:
    """Return the tests that are written for a function and kept, None when there are none."""
    cause = Diagnosis(
        anomaly_id="gap", type="coverage", pattern="untested", file=at[0], function=at[1], line=1, confidence=0.9,
        calls=calls,
    )  # fmt: skip
    unit = units("strategy")["recorded_tests"]
    found = (one for one in proposals(unit, cause, code) if not isinstance(one, str))
    made = (draft(unit, one, RepoPolicy(), one.edits) for one in found)
    kept = (one for one in judged(made, cause, Judge(code, pick(trust=True))) if one.edits)
    return next((one.edits[0] for one in kept), None)


def main() -> None:
    """Write tests for functions of libraries and print what they are worth."""
    parser = argparse.ArgumentParser(prog="python -m bench.heal.generated")
    parser.add_argument("library", nargs="+")
    parser.add_argument("--sample", type=int, default=10, metavar="N", help="functions of each library")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", default=tempfile.gettempdir())
    asked = parser.parse_args()
    folder = Path(asked.folder) / "selfheal-healbench"
    folder.mkdir(parents=True, exist_ok=True)
    made, total = environment(folder), Worth()
    for name in asked.library:
        library, tree = fetch(name, folder), folder / f"{name}-generated"
        shutil.rmtree(tree, ignore_errors=True)
        library.copy(tree, {})
        calls = recorded(library, tree, made)
        places = sorted(calls)
        random.Random(asked.seed).shuffle(places)
        code = Codebase(_info(library, tree, made))
        for at in places[: asked.sample]:
            test = written(code, at, calls[at])
            if test is None:
                print(f"{name} {at[1]}: none", flush=True)
                continue
            (tree / test.path).write_text(test.text or "", encoding="utf-8")
            one = worth(tree, made, {test.path: ""}, (tree / at[0], at[1]))
            (tree / test.path).unlink()
            total += one
            print(f"{name} {at[1]}: {one}", flush=True)
    print(total)


if __name__ == "__main__":
    main()
