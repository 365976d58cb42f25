"""Linters, formatters, type checkers and documentation builds: the cause's findings gone, no new ones."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from bot.checks import run_check
from bot.checks.discovery.shown import BY_LOG
from bot.model import Check, CheckRecord, Run, Trial
from bot.proof.drift import is_read, prove_drift
from bot.proof.ground import Found, Ground, run_of
from bot.proof.outcomes import listed
from bot.proof.places import Finding, findings_in, masked, of_cause, one_line_each

KINDS = {"lint": "lint", "format": "format", "type": "type", "docs": "docs"}
"""Failure class of a cause -> kind of the check that shows it."""


def prove_findings(trial: Trial, ground: Ground) -> Found:
    """Return what the static checks say, those of the cause first; stops at the first refusal.

    A check that passes with the patch needs no comparison; one that does not is run without it too.
    """
    own = cause_checks(ground)
    found = prove_drift(trial, ground) if is_read(ground) else Found()
    if not (own or is_read(ground)) and ground.klass in KINDS:
        found = _no_check(ground)
    others = [check for check in ground.checks("lint", "format", "type") if check not in own]
    for check in (*own, *others):
        if found.refused:
            return found
        found += compared(trial, ground, check, is_cause=check in own)
    return found


def cause_checks(ground: Ground) -> tuple[Check, ...]:
    """Return the checks that show the cause: of its kind, and of its tool where one of them is that tool."""
    kind = None if is_read(ground) else KINDS.get(ground.klass)
    known = ground.checks(kind) if kind else ()
    tool = ground.diagnosis.details.get("tool", "").removeprefix("pre-commit/")
    return tuple(check for check in known if _is_tool(check, tool)) or known or (_of_log(ground) if kind else ())


def _of_log(ground: Ground) -> tuple[Check, ...]:
    """Return the command that a log shows to have failed, where the project's own configuration names no such check."""
    diagnosis = ground.diagnosis
    tool, kind = diagnosis.details.get("tool", ""), KINDS[ground.klass]
    known = next((check for check in BY_LOG if check.name == tool and check.kind == kind), None)
    return (known,) if known and any(failure.log for failure in diagnosis.failures) else ()


def _is_tool(check: Check, tool: str) -> bool:
    names = {check.tool, check.name, f"{check.tool} {check.kind}", f"{check.tool}-{check.kind}", check.argv[0]}
    return bool(tool) and tool in names


def _no_check(ground: Ground) -> Found:
    record = CheckRecord(
        name=f"{ground.klass} check",
        passed=False,
        seen=f"the project has no {ground.klass} check that could be run here",
        wanted="the check that failed passes with the patch",
        why="What was not run counts as failed.",
    )
    return Found((record,))


def compared(trial: Trial, ground: Ground, check: Check, *, is_cause: bool) -> Found:
    """Return what one check says with the patch, compared with what it says without it."""
    ground.say(f"running {check.name} with the patch")
    after, output = _run(ground, ground.after(trial), check, trial)
    if after.exit_code == 0 and not is_cause:
        return Found((_record(check, f"{check.name} passes", True, (after,)),), after=(after,))
    before, earlier = _before(ground, check)
    if after.exit_code == 0:
        return _healed(check, before, after)
    if not is_cause and before.exit_code == after.exit_code and _said(earlier) == _said(output):
        seen = f"{check.name} fails as it does without the patch, and says the same"
        return Found((_record(check, seen, True, (before, after)),), before=(before,), after=(after,))
    counted = _findings(ground, trial, earlier), _findings(ground, trial, output)
    return _weighed(ground, check, (before, after), counted)


def _said(output: bytes) -> str:
    return masked(output.decode("utf-8", "replace"))


def _healed(check: Check, before: Run, after: Run) -> Found:
    failed = before.exit_code != 0
    seen = f"{check.name} " + ("fails without the patch and passes with it" if failed else "passes without the patch")
    return Found((_record(check, seen, failed, (before, after)),), before=(before,), after=(after,))


def _weighed(
    ground: Ground, check: Check, runs: tuple[Run, Run], counted: tuple[Counter[Finding], Counter[Finding]]
) -> Found:
    """Compare the findings of a check that fails with the patch."""
    old, new = counted
    fresh = sorted((new - old).elements())
    left = sorted(finding for finding in new if of_cause(finding, ground.diagnosis.failures))
    wanted = check in cause_checks(ground)
    problem = ""
    if not new or not old:
        problem = f"{check.name} fails and says nothing that can be compared"
    elif fresh:
        problem = f"{len(fresh)} new finding(s): {listed(map(_spelt, fresh))}"
    elif wanted and left:
        problem = f"{len(left)} finding(s) of the cause are still there: {listed(map(_spelt, left))}"
    elif wanted and not old - new:
        problem = "no finding is gone"
    seen = problem or f"{sum((old - new).values())} finding(s) gone, none new, {sum(new.values())} of other causes left"
    return Found((_record(check, seen, not problem, runs),), before=runs[:1], after=runs[1:])


def _record(check: Check, seen: str, passed: bool, runs: tuple[Run, ...]) -> CheckRecord:
    return CheckRecord(
        name=check.name,
        passed=passed,
        seen=seen,
        wanted="the findings of the cause are gone and there are no new ones",
        why="A repair must not trade one finding for another.",
        runs=runs,
    )


def _run(ground: Ground, tree: Path, check: Check, trial: Trial | None = None) -> tuple[Run, bytes]:
    result, output = run_check(ground.sandbox, tree, ground.environment(trial), one_line_each(check), ground.limits())
    return run_of(result), output


def _before(ground: Ground, check: Check) -> tuple[Run, bytes]:
    """Return the run without the patch, made once for all patches of the cause."""
    key = f"check:{check.name}"
    kept = ground.workspace / "before" / f"{_plain(check.name)}.log"
    if key not in ground.baseline or not kept.exists():
        ground.say(f"running {check.name} without the patch")
        run, output = _run(ground, ground.before, check)
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(output)
        ground.baseline[key] = run
    return ground.baseline[key], kept.read_bytes()


def _plain(name: str) -> str:
    return "".join(each if each.isalnum() else "-" for each in name)


def _findings(ground: Ground, trial: Trial, output: bytes) -> Counter[Finding]:
    return findings_in(output, {*ground.codebase.files, *trial.patch.files})


def _spelt(finding: Finding) -> str:
    return finding[1][:160]
