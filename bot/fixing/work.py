"""Bounds for tests that count work: between what a call takes with the fix and what it took without."""

from __future__ import annotations

import ast
import math

import re2

from bot.checks import TestRun
from bot.codebase.changes import split_lines
from bot.fixing.newtests import Judge, names_of, without
from bot.model import Draft, FileEdit

LESS = 1.2  # what the code as it is does at least, for each call that the mended code makes
_COUNT = re2.compile(r"\b(\d+) calls were made")
_BOUND = re2.compile(r"made <= 0\b|assertLessEqual\(made, 0\b")


def worth_bounding(draft: Draft, judge: Judge) -> Draft | str:
    """Return a draft of tests that count with their bounds, or why none is kept."""
    kept: list[FileEdit] = []
    said = ""
    for edit in draft.edits:
        test = bounded(edit, judge)
        stable = judge.stable(test) if isinstance(test, FileEdit) else None
        said = said or (
            test if isinstance(test, str) else f"no test of {edit.path} passes {judge.times} times in a row"
        )
        kept += [stable] if stable else []
    return draft.model_copy(update={"edits": tuple(kept)}) if kept else said


def bounded(test: FileEdit, judge: Judge) -> FileEdit | str:
    """Return the file with the one test whose count the fix lowers most, its bound put in; else why there is none.

    Its tests have `0` as their bound, and say in their failure how many calls were made.
    """
    after, before = _counts(judge.run(test)), _counts(Judge(judge.codebase, judge.sandbox).run(test))
    gains = {name: before[name] / count for name, count in after.items() if count and name in before}
    best = max(gains, key=lambda name: gains[name], default="")
    if not best or gains[best] < LESS:
        return f"no count of calls tells the fix of {test.path}"
    bound = math.ceil(math.sqrt(after[best] * before[best]))
    old = judge.old(test.path)
    others = names_of(test.text or "") - old - {best}
    text = _with_bound(without(test.text or "", others), bound)
    return FileEdit(
        path=test.path, text=text if old else _used(text).replace(best, best.rstrip("0123456789").rstrip("_"))
    )


def is_open(edit: FileEdit) -> bool:
    """Return whether a test file's bounds are still to be put in."""
    return bool(_BOUND.search(edit.text or ""))


def _counts(done: TestRun | None) -> dict[str, int]:
    """Return how many calls each test of a run counted, by its name."""
    found: dict[str, int] = {}
    for test, error in (done.errors if done else {}).items():
        said = _COUNT.search(error.message)
        if said:
            name = test.partition("[")[0].rpartition("::")[2].rpartition(".")[2]
            found[name] = max(found.get(name, 0), int(said.group(1)))
    return found


def _with_bound(text: str, bound: int) -> str:
    return str(_BOUND.sub(lambda found: found.group(0).replace("0", str(bound)), text))


def _used(text: str) -> str:
    """Return a test file without the imports and classes that only left-out tests used."""
    tree = ast.parse(text)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    gone: set[int] = set()
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom) and not {a.asname or a.name for a in node.names} & used:
            gone |= set(range(node.lineno - 1, node.end_lineno or node.lineno))
        if isinstance(node, ast.ClassDef) and node.name not in used and not names_of(ast.unparse(node)):
            gone |= set(range(node.lineno - 1, (node.end_lineno or node.lineno) + 2))  # and the blank lines below it
    return "".join(line for at, line in enumerate(split_lines(text)) if at not in gone)
