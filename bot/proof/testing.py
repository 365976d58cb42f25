"""The heart of the proof: what failed fails without the patch and passes with it, and the suite is no worse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.checks import TestRun
from bot.codebase.changes import hunks
from bot.codebase.spectrum import Spectrum
from bot.model import Check, CheckRecord, Run, Trial
from bot.proof.ground import Found, Ground
from bot.proof.outcomes import BAD, GOOD, Difference, compare, listed, state_of
from bot.proof.reach import coverage_of, wanted
from bot.proof.running import run_in
from bot.proof.witness import prove_witness

REPETITIONS = 3
"""Runs of the failing tests with the patch: each in a fresh process, the last in random order."""
ELSEWHERE = frozenset(
    {"lint", "format", "type", "docs", "missing-dependency", "dependency-conflict", "lockfile", "python-version"}
    | {"packaging", "actions-config", "network-flake", "gate-job", "none"}
)
"""Classes whose cause shows in another check than the test command."""
APART = "suite again"
"""Where a second run of the whole suite without a patch is kept."""
LARGE = 100
"""Tests from which on a suite is worth a first look at the tests of the changed lines."""


def prove_tests(trial: Trial, ground: Ground) -> Found:
    """Return what the failing tests and the whole suite say; stops at the first refusal."""
    check = ground.test_check()
    if check is None:
        return Found(not_checked=("tests: the project has no test command",))
    found = Found()
    for step in (_fails_before, _witness, _passes_after, _neighbours, _suite):
        found += step(trial, ground, check)
        if found.refused:
            return found
    return found


def _targets(ground: Ground) -> tuple[str, ...]:
    return ground.diagnosis.failing_tests


def _fails_before(trial: Trial, ground: Ground, check: Check) -> Found:
    """Run what failed without the patch, once for all patches of the cause."""
    targets = _targets(ground)
    if not targets:
        return Found(not_checked=("failing test before and after: the cause shows in no test",))
    if "failing" not in ground.baseline:
        ground.say(f"running {len(targets)} failing test(s) without the patch")
        ground.baseline["failing"] = run_in(ground, None, check, ids=targets).run
    run = ground.baseline["failing"]
    states = {test: state_of(test, run.outcomes) for test in targets}
    alone = [test for test, state in states.items() if state not in BAD]
    apart = _only_in_suite(alone, ground, check)
    healthy = [test for test in alone if test not in apart]
    seen = f"{len(targets) - len(healthy)} of {len(targets)} fail" + _named(healthy, states)
    record = CheckRecord(
        name="fails before",
        passed=not healthy,
        seen=seen + (f", {len(apart)} of them in the whole suite only, twice" if apart else ""),
        wanted="every test of the cause fails without the patch",
        why="A test that passes without the patch proves nothing about it.",
        runs=(run,),
    )
    return Found((record,), before=(run,))


def _only_in_suite(alone: list[str], ground: Ground, check: Check) -> tuple[str, ...]:
    """Return those of the tests passing `alone` that fail in the whole suite: others upset them.

    A test that is known to have passed in it can't be one of them.
    """
    known = [test for test in alone if ground.codebase.info.outcomes.get(test, "failed") in BAD]
    if not known:
        return ()
    if APART not in ground.baseline:
        ground.say("running the whole suite without the patch")
        ground.baseline[APART] = run_in(ground, None, check).run
    return tuple(test for test in known if state_of(test, ground.baseline[APART].outcomes) in BAD)


def _still_apart(done: TestRun, ground: Ground) -> tuple[str, ...]:
    """Return the targets that failed in the whole suite only, and do not pass in it now."""
    was = ground.baseline[APART].outcomes if APART in ground.baseline else {}
    upset = [test for test in _targets(ground) if state_of(test, was) in BAD]
    return tuple(test for test in upset if state_of(test, done.outcomes) not in GOOD)


def _named(tests: Iterable[str], states: dict[str, str]) -> str:
    named = listed(f"{test} {states[test]}" for test in tests)
    return f"; {named}" if named else ""


def _witness(trial: Trial, ground: Ground, check: Check) -> Found:
    targets = _targets(ground)
    return prove_witness(trial, ground, check, targets) if targets else Found()


def _passes_after(trial: Trial, ground: Ground, check: Check) -> Found:
    targets = _targets(ground)
    if not targets:
        return Found()
    ground.say(f"running {len(targets)} failing test(s) with the patch, {REPETITIONS} times")
    runs: list[Run] = []
    for seed in (*[None] * (REPETITIONS - 1), 1):
        done = run_in(ground, trial, check, ids=targets, seed=seed)
        runs.append(done.run)
        problem = _not_passed(done, targets)
        if problem:
            break
    record = CheckRecord(
        name="passes after",
        passed=not problem,
        seen=problem or f"all {len(targets)} pass, {len(runs)} times in fresh processes, once in random order",
        wanted=f"every test of the cause passes, {REPETITIONS} times, once in random order",
        why="One pass may be luck.",
        runs=tuple(runs),
    )
    return Found((record,), after=tuple(runs))


def _not_passed(done: TestRun, targets: tuple[str, ...]) -> str:
    """Return what keeps the targets from having passed, '' when they all did."""
    states = {test: state_of(test, done.outcomes) for test in targets}
    wrong = [test for test, state in states.items() if state not in GOOD]
    if wrong:
        return f"{len(wrong)} of {len(targets)} do not pass" + _named(wrong, states)
    return "" if done.complete else "the run did not come to its end"


def _neighbours(trial: Trial, ground: Ground, check: Check) -> Found:
    """Run the tests that ran the changed lines before the whole of a large suite: what breaks, breaks there first."""
    spectrum = ground.codebase.spectrum
    known = spectrum.outcomes if spectrum else {}
    near = tuple(test for test in near_tests(trial, ground) if known.get(test) in GOOD)
    if len(known) < LARGE or not near or len(near) > len(known) // 4:
        return Found()
    ground.say(f"running the {len(near)} test(s) that run the changed lines")
    done = run_in(ground, trial, check, ids=near)
    broken = [test for test in near if state_of(test, done.outcomes) not in GOOD]
    if broken:  # some pass in the whole suite only: that is run next
        without = run_in(ground, None, check, ids=near).outcomes
        broken = [test for test in broken if state_of(test, without) in GOOD]
    if not broken or _flaky(tuple(broken), trial, ground, check):
        return Found()
    record = CheckRecord(
        name="tests of the changed lines",
        passed=False,
        seen=f"{len(broken)} new failure(s): {listed(broken)}",
        wanted="the tests that run the changed lines pass as before",
        why="They are the first to break.",
        runs=(done.run,),
    )
    return Found((record,), after=(done.run,))


def near_tests(trial: Trial, ground: Ground) -> tuple[str, ...]:
    """Return the tests that ran lines which the patch changes, by the coverage measured before."""
    spectrum = ground.codebase.spectrum
    found: dict[str, None] = {}
    for edit in trial.patch.edits if spectrum else ():
        old = ground.codebase.files.get(edit.path, "")
        for hunk in hunks(old, edit.text or ""):
            lines = range(max(1, hunk.before_line), hunk.before_line + max(1, len(hunk.before)) + 1)
            found.update(dict.fromkeys(spectrum.tests_of(edit.path, lines) if spectrum else ()))
    return tuple(found)


def _suite(trial: Trial, ground: Ground, check: Check) -> Found:
    before = _suite_before(ground, check)
    done = _suite_after(before, trial, ground, check)
    difference = compare(before.outcomes, done.outcomes)
    flaky = _flaky(difference.broken, trial, ground, check)
    problems = list(_problems(done, difference, flaky))
    if upset := _still_apart(done, ground):
        problems.append(f"{len(upset)} of the failing tests still fail: {listed(upset)}")
    seen = "; ".join(problems) or _told(done.run, difference, flaky)
    record = CheckRecord(
        name="whole suite",
        passed=not problems,
        seen=seen,
        wanted="no new failure, no test gone or silenced, compared with the suite without the patch",
        why="A repair must not break anything else.",
        runs=(done.run,),
    )
    named = {"flaky": flaky, "healed": difference.healed, "added": difference.added}
    facts: dict[str, object] = {key: list(value) for key, value in named.items() if value}
    found = Found((record,), before=(before,), after=(done.run,), facts=facts)
    return found + _command(ground, before, done) if _by_command(ground) and not found.refused else found


def _suite_after(before: Run, trial: Trial, ground: Ground, check: Check) -> TestRun:
    """Return a run of the suite with the patch, measured where its coverage is wanted.

    Measuring slows tests down, and those of speed may fail of it: where new failures all pass without, the suite's
    plain run is what counts.
    """
    ground.say("running the whole suite with the patch")
    measured = wanted(trial, ground)
    done = run_in(ground, trial, check, coverage=measured)
    if not measured:
        return done
    Spectrum(coverage_of(done), done.outcomes).save(ground.coverage_file(trial))
    broken = compare(before.outcomes, done.outcomes).broken
    if not broken:
        return done
    alone = run_in(ground, trial, check, ids=broken).outcomes
    if any(alone.get(test) not in GOOD for test in broken):
        return done
    ground.say("running the whole suite with the patch, unmeasured")
    return run_in(ground, trial, check)


def _by_command(ground: Ground) -> bool:
    """Return whether the cause shows in no single test but in the test command as a whole."""
    if ground.diagnosis.details.get("tool") == "telemetry":
        return False  # production failed, not the test command: added tests have to show that
    return bool(ground.klass) and not ground.diagnosis.failing_tests and ground.klass not in ELSEWHERE


def _command(ground: Ground, before: Run, done: TestRun) -> Found:
    """Compare the command as a whole: it failed, and it succeeds or at least comes further."""
    was = sum(outcome in BAD for outcome in before.outcomes.values())
    now = sum(outcome in BAD for outcome in done.outcomes.values())
    failed = before.exit_code != 0
    passed = failed and (done.run.exit_code == 0 or (bool(done.outcomes) and now < was))
    record = CheckRecord(
        name="command",
        passed=passed,
        seen=f"exit code {before.exit_code} with {was} failures before, {done.run.exit_code} with {now} after",
        wanted="the test command fails without the patch and succeeds with it",
        why="This cause shows in no single test.",
        runs=(before, done.run),
    )
    return Found((record,))


def _suite_before(ground: Ground, check: Check) -> Run:
    """Return the suite without the patch: the outcomes known already, else a run of it."""
    if "suite" not in ground.baseline:
        known = {} if _by_command(ground) else ground.codebase.info.outcomes
        command = " ".join(check.argv)
        ground.baseline["suite"] = (
            Run(command=command, exit_code=None, seconds=0.0, digest="", sandbox=ground.sandbox.level, outcomes=known)
            if known
            else run_in(ground, None, check).run
        )
    return ground.baseline["suite"]


def _problems(done: TestRun, difference: Difference, flaky: tuple[str, ...]) -> Iterator[str]:
    broken = [test for test in difference.broken if test not in flaky]
    if not done.complete:
        yield "the suite did not come to its end"
    elif done.run.exit_code not in (0, None) and not any(each in BAD for each in done.outcomes.values()):
        yield f"no test fails, and yet the command ends with exit code {done.run.exit_code}"
    if not done.outcomes:
        yield "no test ran"
    if broken:
        yield f"{len(broken)} new failure(s): {listed(broken)}"
    if difference.vanished:
        yield f"{len(difference.vanished)} test(s) gone: {listed(difference.vanished)}"
    if difference.silenced:
        yield f"{len(difference.silenced)} test(s) skipped that ran before: {listed(difference.silenced)}"


def _told(run: Run, difference: Difference, flaky: tuple[str, ...]) -> str:
    passed = sum(outcome == "passed" for outcome in run.outcomes.values())
    parts = [f"{passed} of {len(run.outcomes)} pass, {len(difference.healed)} healed, none worse"]
    if difference.still_failing:
        parts.append(f"{len(difference.still_failing)} fail as before: {listed(difference.still_failing)}")
    if flaky:
        parts.append(f"flaky without the patch too: {listed(flaky)}")
    return "; ".join(parts)


def _flaky(broken: tuple[str, ...], trial: Trial, ground: Ground, check: Check) -> tuple[str, ...]:
    """Return the new failures that are not the patch's: they pass alone with it and fail at times without it."""
    if not broken:
        return ()
    ground.say(f"running {len(broken)} new failure(s) again")
    again = [run_in(ground, trial, check, ids=broken).outcomes for _ in range(2)]
    hopeful = tuple(test for test in broken if all(outcomes.get(test) in GOOD for outcomes in again))
    if not hopeful:
        return ()
    without = [run_in(ground, None, check).outcomes for _ in range(2)]
    return tuple(test for test in hopeful if any(outcomes.get(test) in BAD for outcomes in without))
