"""Test that a function does no more work than it needs: calls of functions are counted, no time is taken.

The same call of the function, or of a test that runs it, is made with and without the fix; the test's bound lies
between what both take. Calls are counted after a first one, so that what is kept for later is there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from bot.codebase import Codebase
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._calls import functions, is_static
from bot.strategies._harvest import Test, given_to, made, tests_running
from bot.strategies._noted import noted, shortened
from bot.strategies._siblings import WIDTH, folded, repeatable, with_siblings
from bot.strategies._testfile import importable, new_path, test_module

Function = ast.FunctionDef | ast.AsyncFunctionDef
MOST, FILES = 3, 2  # calls that are tried in one file, of which the one that shows the most is kept, and such files
ENDING = "in_few_calls"
COUNTER = '''\
def calls_made(work):
    """Return how many functions are called when `work` runs again."""
    work()
    profile = cProfile.Profile()
    profile.runcall(work)
    return sum(entry.callcount for entry in profile.getstats())
'''


def _calls(diagnosis: Diagnosis, codebase: Codebase) -> Iterator[str]:
    """Yield calls of the function at fault, with recorded arguments or those of the tests."""
    name, node, owner = _at_fault(diagnosis, codebase) or ("", None, None)
    if node is None or isinstance(node, ast.AsyncFunctionDef) or "<locals>" in name:
        return
    new = made(owner.name, owner, codebase) if owner and not is_static(node) else ""
    if new is None:
        return
    if node.name == "__init__":
        yield from [new] if new else []
        return
    called = f"{new}.{node.name}" if new else name
    for arguments in given_to(node.name, diagnosis, codebase):
        if short := shortened(f"{called}({arguments})"):
            yield short


def _at_fault(diagnosis: Diagnosis, codebase: Codebase) -> tuple[str, Function, ast.ClassDef | None] | None:
    return next((one for one in functions(diagnosis.file, codebase) if one[0] == diagnosis.function), None)


def _counted(work: str) -> list[str]:
    return [f"made = calls_made({work})", 'assert made <= 0, f"{made} calls were made"']


def _folded(lines: list[str]) -> list[str]:
    return [part for line in lines for part in folded(line, WIDTH - 8)]


def _new_file(diagnosis: Diagnosis, codebase: Codebase) -> FileEdit | None:
    """Return a new test file that calls the function itself."""
    module = importable(codebase, diagnosis.file)
    calls = list(dict.fromkeys(_calls(diagnosis, codebase)))[:MOST] if module else []
    if not calls:
        return None
    helpers = [COUNTER]
    if found := next((found for call in calls if (found := noted(call))), None):
        calls.append(found[0])
        helpers.insert(0, found[1])
    last = diagnosis.function.rpartition(".")[2].strip("_").lower()
    names = [f"{last}_{ENDING}" + (f"_{number}" if len(calls) > 1 else "") for number in range(1, len(calls) + 1)]
    tests = [(name, _folded(_counted(f"lambda: {call}"))) for name, call in zip(names, calls, strict=True)]
    about = f"How much work `{module}.{diagnosis.function}` may do, in calls of functions."
    helped = "\n\n".join(helpers).rstrip("\n").split("\n")
    own = [f"from {module} import {diagnosis.function.partition('.')[0]}", "", "", *helped]
    text = test_module(about, ["cProfile"], own, tests, codebase)
    return FileEdit(path=new_path(codebase, diagnosis.file, f"{last}_work"), text=text)


def _beside(diagnosis: Diagnosis, codebase: Codebase) -> Iterator[FileEdit]:
    """Yield test files with tests beside those that run the function, taking what these take, one file each."""
    found = _at_fault(diagnosis, codebase)
    files: dict[str, list[Test]] = {}
    for test in tests_running(diagnosis.file, found[1], codebase) if found else ():
        if repeatable(test):
            files.setdefault(test.file, []).append(test)
    for path, tests in sorted(files.items(), key=lambda row: -len(row[1]))[:FILES]:
        text = codebase.text(path)
        if "calls_made" not in text:
            made_ = [(test, ENDING, _counted) for test in tests[:MOST]]
            yield FileEdit(path=path, text=with_siblings(text, made_, COUNTER, ["import cProfile"], codebase))


@strategy(causes=("performance", "repeated"), trust="glance", touches="tests", kind="test", prior=0.7)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield tests for a fix when none fails on the cause, those of a new file first; judging puts their bounds in."""
    if diagnosis.failing_tests or not diagnosis.details.get("fix") or diagnosis.file not in codebase.files:
        return
    new = _new_file(diagnosis, codebase)
    for edit in (*([new] if new else []), *_beside(diagnosis, codebase)):
        yield Proposal(
            strategy="work_test",
            title=f"Test how much work {diagnosis.function} does",
            edits=(edit,),
            confidence=0.8,
            why="a count of calls does not depend on how busy the machine is.",
        )
