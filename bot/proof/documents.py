"""Documentation: the project's documentation build, and the examples in the files that the patch changes."""

from __future__ import annotations

from pathlib import Path

from bot.checks import run_tests
from bot.errors import Misconfigured
from bot.model import Check, CheckRecord, Trial
from bot.proof.drift import is_read
from bot.proof.findings import cause_checks, compared
from bot.proof.ground import Found, Ground
from bot.proof.outcomes import BAD, compare, listed

TEXTS = (".md", ".rst", ".txt")


def prove_documents(trial: Trial, ground: Ground) -> Found:
    """Return what the documentation build and the changed examples say; stops at the first refusal."""
    found = Found()
    concerned = ground.diagnosis.type == "documentation" or any(path.endswith(TEXTS) for path in trial.patch.files)
    checks = [check for check in ground.checks("docs") if check not in cause_checks(ground)]
    for check in checks if concerned else ():
        if not found.refused:
            is_cause = ground.diagnosis.type == "documentation" and not is_read(ground)
            found += compared(trial, ground, check, is_cause=is_cause)
    if not checks or not concerned:
        found += Found(not_checked=("documentation build: there is none, or the patch does not touch what it builds",))
    return found if found.refused else found + _examples(trial, ground)


def with_examples(trial: Trial) -> tuple[str, ...]:
    """Return the changed files that hold examples (`>>>`), Python and prose."""
    texts = {edit.path: edit.text or "" for edit in trial.patch.edits}
    return tuple(path for path, text in texts.items() if ">>>" in text and path.endswith((".py", *TEXTS)))


def _examples(trial: Trial, ground: Ground) -> Found:
    paths = with_examples(trial)
    if not paths:
        return Found(not_checked=("examples: the changed files hold none",))
    ground.say(f"running the examples in {listed(paths)}")
    check = Check(name="examples", kind="test", tool="pytest", argv=_command(paths), runner="pytest")
    try:
        after = run_tests(ground.sandbox, ground.after(trial), ground.environment(trial), check, limits=ground.limits())
        before = run_tests(ground.sandbox, ground.before, ground.environment(), check, limits=ground.limits())
    except Misconfigured as reason:
        return Found(not_checked=(f"examples: {reason}",))
    difference = compare(before.outcomes, after.outcomes)
    bad = [test for test, outcome in after.outcomes.items() if outcome in BAD and test not in difference.still_failing]
    bad = [test for test in bad if test not in _never_true(ground, check)] if bad else bad
    record = CheckRecord(
        name="examples",
        passed=not bad,
        seen=f"fail: {listed(bad)}" if bad else f"{len(after.outcomes)} example(s) run, none worse",
        wanted="the examples in changed files run as they say",
        why="People copy examples.",
        runs=(before.run, after.run),
    )
    return Found((record,), before=(before.run,), after=(after.run,))


def _never_true(ground: Ground, check: Check) -> frozenset[str]:
    """Return the examples that fail in the last good version too: that they pass without the patch is an accident."""
    info = ground.codebase.info
    if not info.good_tree:
        return frozenset()
    try:
        good = run_tests(ground.sandbox, Path(info.good_tree), ground.environment(), check, limits=ground.limits())
    except Misconfigured:
        return frozenset()
    return frozenset(test for test, outcome in good.outcomes.items() if outcome in BAD)


def _command(paths: tuple[str, ...]) -> tuple[str, ...]:
    globs = tuple(f"--doctest-glob={path.rpartition('/')[2]}" for path in paths if path.endswith(TEXTS))
    return ("python", "-m", "pytest", "--doctest-modules", *globs, *paths)
