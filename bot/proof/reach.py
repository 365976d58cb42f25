"""Coverage: which changed lines the suite runs, and whether it runs less of the project than before."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

from bot.checks import TestRun, run_tests
from bot.codebase.changes import changed_lines
from bot.codebase.spectrum import load
from bot.model import Check, CheckRecord, Trial
from bot.proof.change import parsed
from bot.proof.ground import Found, Ground

TOLERANCE = 0.0005
"""Share of lines that may go unnoticed: coverage reports print one decimal of a percentage at most."""
STATIC = frozenset({"lint", "format", "type", "docs", "lockfile", "dependency-conflict", "packaging", "python-version"})
Lines = Mapping[str, frozenset[int]]


def executable(text: str) -> frozenset[int]:
    """Return the lines on which a statement of a Python text starts, docstrings left out."""
    tree = parsed(text)
    if tree is None:
        return frozenset()
    statements = (node for node in ast.walk(tree) if isinstance(node, ast.stmt))
    return frozenset(node.lineno for node in statements if not _is_text(node))


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def share(texts: Mapping[str, str], ran: Lines) -> float:
    """Return the share of executable lines of `texts` that ran, 1.0 when there are none."""
    lines = {path: executable(text) for path, text in texts.items()}
    total = sum(len(of) for of in lines.values())
    return sum(len(of & ran.get(path, frozenset())) for path, of in lines.items()) / total if total else 1.0


def merged(by_test: Mapping[str, Mapping[str, Iterable[int]]]) -> dict[str, frozenset[int]]:
    """Return the lines of each file that any test ran."""
    found: dict[str, set[int]] = {}
    for files in by_test.values():
        for path, lines in files.items():
            found.setdefault(path, set()).update(lines)
    return {path: frozenset(lines) for path, lines in found.items()}


def prove_coverage(trial: Trial, ground: Ground) -> Found:
    """Return how much of the change the tests run, refused when they run less than before (or not more, if asked)."""
    changed = _changed(trial, ground)
    if not wanted(trial, ground):
        return Found(not_checked=("coverage: no executable line of the product changed",))
    check = ground.test_check()
    if check is None:
        return Found(not_checked=("coverage: the project has no test command",))
    measured = _measured(trial, ground, check)
    if not measured:
        return Found(not_checked=("coverage: it could not be measured in this environment",))
    return _judged(ground, trial, measured, changed)


def wanted(trial: Trial, ground: Ground) -> bool:
    """Return whether the suite should be run with coverage: the patch changes product code that tests could run."""
    return ground.diagnosis.type == "coverage" or (ground.klass not in STATIC and bool(_changed(trial, ground)))


def _measured(trial: Trial, ground: Ground, check: Check) -> Mapping[str, Mapping[str, tuple[int, ...]]]:
    """Return the coverage that the whole suite left behind, else that of a run of its own."""
    kept = ground.coverage_file(trial)
    if kept.exists():
        return load(kept).coverage
    ground.say("measuring coverage with the patch")
    tree, environment = ground.after(trial), ground.environment(trial)
    done = run_tests(ground.sandbox, tree, environment, check, coverage=True, limits=ground.limits())
    return coverage_of(done)


def coverage_of(done: TestRun) -> dict[str, Mapping[str, tuple[int, ...]]]:
    """Return the lines that a run ran, by test, with those of the imports under an empty id."""
    return {**done.coverage, **({"": done.imported} if done.imported else {})}


def _changed(trial: Trial, ground: Ground) -> dict[str, frozenset[int]]:
    """Return the executable lines of the product that the patch adds or changes, by path."""
    found = {}
    for edit in trial.patch.edits:
        if edit.text is None or not edit.path.endswith(".py") or ground.codebase.is_test(edit.path):
            continue
        lines = frozenset(changed_lines(ground.codebase.files.get(edit.path, ""), edit.text)) & executable(edit.text)
        if lines:
            found[edit.path] = lines
    return found


def _judged(
    ground: Ground, trial: Trial, measured: Mapping[str, Mapping[str, tuple[int, ...]]], changed: Lines
) -> Found:
    after = merged(measured)
    total = sum(len(lines) for lines in changed.values())
    ran = sum(len(lines & after.get(path, frozenset())) for path, lines in changed.items())
    facts: dict[str, object] = {"changed_lines": total, "changed_lines_run": ran}
    spectrum = ground.codebase.spectrum
    if spectrum is None:
        record = _record(True, f"the tests run {ran} of {total} changed lines", "the changed lines are run")
        return Found((record,), not_checked=("coverage before: it was not measured",), facts=facts)
    old = _product(ground)
    new = {**old, **{edit.path: edit.text for edit in trial.patch.edits if edit.path in old and edit.text is not None}}
    aim = ground.diagnosis.type == "coverage"
    # Lines that run on import are no gain: the earlier measure does not hold them.
    gained = merged({test: of for test, of in measured.items() if test}) if aim else after
    was, now = share(old, merged(spectrum.coverage)), share(new, gained)
    passed = now > was if aim else now >= was - TOLERANCE
    seen = f"{was:.1%} before, {now:.1%} after; the tests run {ran} of {total} changed lines"
    wanted = "coverage higher than before" if aim else "coverage not lower than before"
    return Found((_record(passed, seen, wanted),), facts={**facts, "coverage_before": was, "coverage_after": now})


def _product(ground: Ground) -> dict[str, str]:
    """Return the product files that any test ran before, with their texts."""
    spectrum = ground.codebase.spectrum
    measured = merged(spectrum.coverage) if spectrum else {}
    files = (path for path in measured if path in ground.codebase.files and not ground.codebase.is_test(path))
    return {path: ground.codebase.files[path] for path in files}


def _record(passed: bool, seen: str, wanted: str) -> CheckRecord:
    why = "Code that no test runs is not proven by the tests."
    return CheckRecord(name="coverage", passed=passed, seen=seen, wanted=wanted, why=why)
