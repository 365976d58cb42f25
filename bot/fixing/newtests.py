"""Are new tests worth proving? They pass twice, and they fail without the fix they are for.

Where the code is right and only its tests are wanting, at least one broken variant of the code has to fail them.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path

from bot.checks import TestRun, run_tests
from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.errors import BotError
from bot.fixing.mutants import mutants
from bot.fixing.trying import test_check
from bot.model import Diagnosis, Draft, FileEdit
from bot.ports import Limits, Sandbox
from bot.proof.trees import patched
from bot.scratch import scratch

TIMES = 2  # the proof runs them more often; here it is only seen which ones are worth proving
_LIMITS = Limits(seconds=60.0)


class Judge:
    """Runs one new test file in the tree of a codebase with the edits of a fix."""

    def __init__(
        self, codebase: Codebase, sandbox: Sandbox, fix: Sequence[FileEdit] = (), *, times: int = TIMES
    ) -> None:
        """Judge tests of `codebase` as it is with the edits `fix`; they have to pass `times` times."""
        self.codebase, self.sandbox, self.times = codebase, sandbox, times
        self.fix = {edit.path: edit for edit in fix}
        self.new: dict[str, tuple[str, ...]] = {}

    @property
    def can_run(self) -> bool:
        """Return whether there is a test command and an environment to judge with."""
        info = self.codebase.info
        return bool(test_check(self.codebase) and info.environment and info.tree)

    def run(self, test: FileEdit, *, seed: int | None = None, changed: FileEdit | None = None) -> TestRun | None:
        """Return a run of the new test file, None when it can't be run."""
        info, check = self.codebase.info, test_check(self.codebase)
        if check is None:
            return None
        edits = {**self.fix, test.path: test, **({changed.path: changed} if changed else {})}
        with scratch() as folder:
            tree = patched(Path(info.tree), edits.values(), folder / "tree")
            try:
                whole = test.path if check.runner == "pytest" else test.path.removesuffix(".py").replace("/", ".")
                ids = self.new.get(test.path, (whole,))
                return run_tests(self.sandbox, tree, Path(info.environment), check, ids=ids, seed=seed, limits=_LIMITS)
            except BotError:
                return None

    def stable(self, test: FileEdit) -> FileEdit | None:
        """Return the file with only the tests that pass every time, in random orders; None when none does."""
        failed: set[str] = set()
        passed: set[str] = set()
        for seed in range(self.times):
            done = self.run(test, seed=seed or None)
            if done is None or not done.outcomes:
                return None
            failed |= {name for name, outcome in done.outcomes.items() if outcome != "passed"}
            passed |= {name for name, outcome in done.outcomes.items() if outcome == "passed"}
        old = self.old(test.path)
        good = tuple(sorted(name for name in passed - failed if _name(name) not in old))
        bad = {_name(test_id) for test_id in failed} - old
        if not good:
            return None
        self.new.update({test.path: good} if old else {})  # of an old file only its new tests are run from here on
        return FileEdit(path=test.path, text=without(test.text or "", bad)) if bad else test

    def telling(self, test: FileEdit) -> FileEdit | None:
        """Return the file with only the tests that fail without the fix; None when none does."""
        done = Judge(self.codebase, self.sandbox).run(test)
        if done is None or not done.outcomes:
            # A file that can't even be read without the fix tells as much as a failing test.
            return test if done is not None and done.complete else None
        old = self.old(test.path)
        new = {_name(test_id) for test_id in done.outcomes} - old
        failed = {_name(test_id) for test_id, outcome in done.outcomes.items() if outcome != "passed"} - old
        if not failed:
            return None
        passed = new - failed
        return FileEdit(path=test.path, text=without(test.text or "", passed)) if passed else test

    def noticing(self, test: FileEdit, path: str, qualname: str) -> FileEdit | None:
        """Return the file with only the tests that at least one broken variant of the function fails; None for none."""
        text = (self.fix[path].text if path in self.fix else self.codebase.text(path)) or ""
        added = names_of(test.text or "") - self.old(test.path)
        quiet = set(added)
        for variant in mutants(text, qualname):
            done = self.run(test, changed=FileEdit(path=path, text=variant))
            outcomes = done.outcomes if done is not None else {}
            quiet -= {_name(test_id) for test_id, outcome in outcomes.items() if outcome != "passed"}
            quiet = set() if done is not None and done.complete and not outcomes else quiet
            if not quiet:
                return test
        if quiet == added:
            return None
        return FileEdit(path=test.path, text=without(test.text or "", quiet))

    def old(self, path: str) -> set[str]:
        """Return the names of the tests that a file holds already: those are never left out."""
        return names_of(self.codebase.files.get(path, ""))


def names_of(text: str) -> set[str]:
    """Return the names of the test functions of a file."""
    functions = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef))
    return {node.name for node in functions if node.name.startswith("test")}


def _name(test_id: str) -> str:
    """Return the name of the test function that an id means."""
    return test_id.rpartition("::")[2].rpartition(".")[2].partition("[")[0]


def without(text: str, names: set[str]) -> str:
    """Return a test file without the test functions of these names, and without the classes that held no others."""
    lines, tree = split_lines(text), ast.parse(text)
    gone: set[int] = set()
    for node in ast.walk(tree):
        held = [node] if isinstance(node, ast.FunctionDef) else node.body if isinstance(node, ast.ClassDef) else []
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and held and all(_named(one, names) for one in held):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            while first > 1 and not lines[first - 2].strip():
                first -= 1  # with the blank lines above it
            gone |= set(range(first - 1, node.end_lineno or node.lineno))
    kept = "".join(line for at, line in enumerate(lines) if at not in gone)
    return kept.rstrip("\n") + "\n"


def _named(node: ast.stmt, names: set[str]) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name in names


def worth_keeping(draft: Draft, diagnosis: Diagnosis, judge: Judge) -> Draft | str:
    """Return the draft with its lasting tests only, or why it is not worth keeping."""
    kept: list[FileEdit] = []
    said = ""
    for edit in draft.edits:
        test = _kept(edit, diagnosis, judge)
        if isinstance(test, FileEdit):
            kept.append(test)
        else:
            said = said or test
    return draft.model_copy(update={"edits": tuple(kept)}) if kept else said


def _kept(edit: FileEdit, diagnosis: Diagnosis, judge: Judge) -> FileEdit | str:
    stable = judge.stable(edit)
    if stable is None:
        return f"no test of {edit.path} passes {judge.times} times in a row"
    if judge.fix:
        return judge.telling(stable) or f"no test of {edit.path} fails without the fix"
    if not diagnosis.function:
        return stable
    noticing = judge.noticing(stable, diagnosis.file, diagnosis.function)
    return noticing or f"no broken variant of {diagnosis.function} fails the tests of {edit.path}"
