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
                ids = (test.path if check.runner == "pytest" else test.path.removesuffix(".py").replace("/", "."),)
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
        bad = {_name(test_id) for test_id in failed}
        if not passed - failed:
            return None
        return FileEdit(path=test.path, text=without(test.text or "", bad)) if bad else test

    def telling(self, test: FileEdit) -> FileEdit | None:
        """Return the file with only the tests that fail without the fix; None when none does."""
        done = Judge(self.codebase, self.sandbox).run(test)
        if done is None or not done.outcomes:
            # A file that can't even be read without the fix tells as much as a failing test.
            return test if done is not None and done.complete else None
        passed = {_name(test_id) for test_id, outcome in done.outcomes.items() if outcome == "passed"}
        if len(passed) == len(done.outcomes):
            return None
        return FileEdit(path=test.path, text=without(test.text or "", passed)) if passed else test

    def notices(self, test: FileEdit, path: str, qualname: str) -> bool:
        """Return whether at least one broken variant of the function fails the tests."""
        text = self.fix[path].text if path in self.fix else self.codebase.text(path)
        for variant in mutants(text or "", qualname):
            done = self.run(test, changed=FileEdit(path=path, text=variant))
            if done is not None and any(outcome != "passed" for outcome in done.outcomes.values()):
                return True
        return False


def _name(test_id: str) -> str:
    """Return the name of the test function that an id means."""
    return test_id.rpartition("::")[2].rpartition(".")[2].partition("[")[0]


def without(text: str, names: set[str]) -> str:
    """Return a test file without the test functions of these names."""
    lines = split_lines(text)
    gone: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.name in names:
            gone |= set(range(node.lineno - 1, node.end_lineno or node.lineno))
    kept = "".join(line for at, line in enumerate(lines) if at not in gone)
    while "\n\n\n\n" in kept:
        kept = kept.replace("\n\n\n\n", "\n\n\n")
    return kept.rstrip("\n") + "\n"


def worth_keeping(draft: Draft, diagnosis: Diagnosis, judge: Judge) -> Draft | str:
    """Return the draft with its lasting tests only, or why it is not worth keeping."""
    kept: list[FileEdit] = []
    for edit in draft.edits:
        stable = judge.stable(edit)
        if stable is None:
            return f"no test of {edit.path} passes {judge.times} times in a row"
        if judge.fix:
            stable = judge.telling(stable)
            if stable is None:
                return f"no test of {edit.path} fails without the fix"
        elif diagnosis.function and not judge.notices(stable, diagnosis.file, diagnosis.function):
            return f"no broken variant of {diagnosis.function} fails the tests of {edit.path}"
        kept.append(stable)
    return draft.model_copy(update={"edits": tuple(kept)})
