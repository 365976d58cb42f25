"""Test that a function does no more work than it needs: calls of functions are counted, no time is taken.

The same call of the function, or of a test that runs it, is made with and without the fix; the test's bound lies
between what both take. Calls are counted after a first one, so that what is kept for later is there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.codebase.repository import parse
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._bodies import first_line
from bot.strategies._calls import functions, is_static
from bot.strategies._harvest import Test, given_to, made, tests_running
from bot.strategies._imports import add
from bot.strategies._library import STANDARD
from bot.strategies._statements import dotted
from bot.strategies._testfile import asserted, importable, new_path, test_module

Function = ast.FunctionDef | ast.AsyncFunctionDef
MOST, FILES = 3, 2  # calls that are tried in one file, of which the one that shows the most is kept, and such files
ENDING = "does_no_more_than_it_needs"
COUNTER = '''\
def calls_made(work):
    """Return how many functions are called while `work` runs a second time."""
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
    yield from (f"{called}({arguments})" for arguments in given_to(node.name, diagnosis, codebase))


def _at_fault(diagnosis: Diagnosis, codebase: Codebase) -> tuple[str, Function, ast.ClassDef | None] | None:
    return next((one for one in functions(diagnosis.file, codebase) if one[0] == diagnosis.function), None)


def _counted(call: str) -> list[str]:
    return [f"made = calls_made(lambda: {call})", 'assert made <= 0, f"{made} calls were made"']


def _new_file(diagnosis: Diagnosis, codebase: Codebase) -> FileEdit | None:
    """Return a new test file that calls the function itself."""
    module = importable(codebase, diagnosis.file)
    calls = list(dict.fromkeys(_calls(diagnosis, codebase)))[:MOST] if module else []
    if not calls:
        return None
    last = diagnosis.function.rpartition(".")[2].strip("_").lower()
    names = [f"{last}_{ENDING}" + (f"_{number}" if len(calls) > 1 else "") for number in range(1, len(calls) + 1)]
    tests = [(name, _counted(call)) for name, call in zip(names, calls, strict=True)]
    about = f"How much work `{module}.{diagnosis.function}` may do, in calls of functions."
    own = [f"from {module} import {diagnosis.function.partition('.')[0]}", "", "", *COUNTER.rstrip("\n").split("\n")]
    text = test_module(about, ["cProfile"], own, tests, codebase)
    return FileEdit(path=new_path(codebase, diagnosis.file, f"{last}_work"), text=text)


def _beside(diagnosis: Diagnosis, codebase: Codebase) -> Iterator[FileEdit]:
    """Yield test files with tests beside those that run the function, taking what these take, one file each."""
    found = _at_fault(diagnosis, codebase)
    files: dict[str, list[Test]] = {}
    for test in tests_running(diagnosis.file, found[1], codebase) if found else ():
        if _repeatable(test):
            files.setdefault(test.file, []).append(test)
    for path, tests in sorted(files.items(), key=lambda row: -len(row[1]))[:FILES]:
        text = codebase.text(path)
        if "calls_made" not in text:
            yield FileEdit(path=path, text=_with_tests(text, tests[:MOST], codebase))


def _repeatable(test: Test) -> bool:
    """Return whether a test may be called by another: its runner does nothing but choose values for it."""
    plain = all(dotted(one.func if isinstance(one, ast.Call) else one).startswith("pytest.mark.parametrize")
                for one in test.node.decorator_list)  # fmt: skip
    return plain and not any(isinstance(n, ast.Yield | ast.YieldFrom | ast.Await) for n in ast.walk(test.node))


def _with_tests(text: str, tests: list[Test], codebase: Codebase) -> str:
    lines = split_lines(text)
    for test in sorted(tests, key=lambda one: -one.node.lineno):
        lines[test.node.end_lineno or 0 : test.node.end_lineno or 0] = _sibling(test, lines)
    tree = parse("".join(lines))
    first = next(n for n in tree.body if isinstance(n, Function | ast.ClassDef)) if tree else None
    at = first_line(first) - 1 if first else len(lines)
    while at and lines[at - 1].startswith("#"):
        at -= 1
    lines[at:at] = [*split_lines(COUNTER), "\n", "\n"]
    whole = "".join(lines)
    tree = parse(whole)
    own = frozenset(module.partition(".")[0] for module in codebase.modules)
    return add(whole, tree, "import cProfile", own, STANDARD) if tree else whole


def _sibling(test: Test, lines: list[str]) -> list[str]:
    """Return the lines of a test that counts what another does, with the same decorators and arguments."""
    node = test.node
    margin = " " * node.col_offset
    arguments = [one.arg for one in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    given = arguments[1:] if test.owner else arguments
    called = f"self.{node.name}" if test.owner else node.name
    unittest = test.owner is not None and any(dotted(base).endswith("TestCase") for base in test.owner.bases)
    body = [asserted(line) if unittest else line for line in _counted(f"{called}({', '.join(given)})")]
    head = f"def {node.name}_{ENDING}({', '.join(arguments)}):"
    made_ = [*(f"{margin}{line}\n" for line in (head, *(f"    {line}" for line in body)))]
    blank = ["\n"] if margin else ["\n", "\n"]
    ended = [] if lines[(node.end_lineno or 1) - 1].endswith("\n") else ["\n"]
    return [*ended, *blank, *lines[first_line(node) - 1 : node.lineno - 1], *made_]


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
