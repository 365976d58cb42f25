"""A speed-up, proven: the same work before and after, in turns, compared by the rank test that detection uses."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

from bot.errors import Transient
from bot.model import Check, CheckRecord, Run, Trial
from bot.proof.ground import Found, Ground
from bot.proof.outcomes import listed
from bot.proof.ranks import Shift, shift
from bot.proof.replay import replay
from bot.proof.running import run_in, watch_in

ROUNDS = 8
EARLY = 5
"""Turns of before and after: with 8 against 8 samples apart the exact test gives p = 1 / 12870, with 5 against 5
1 / 252; after that many it is over when all samples are apart, or when the patch is no faster."""
MOST_TESTS = 20
"""Tests that are timed at most: so many runs of more would take long."""
CERTAIN = 0.01
FASTER = 0.9
"""What counts as a speed-up: the median at most this share of the one before, with p below `CERTAIN`."""


Measured = tuple[tuple[float, ...], Run]
"""Seconds, the surest way of measuring first, and the run they come from."""


def prove_speed(trial: Trial, ground: Ground) -> Found:
    """Return whether the patch is faster where that was its aim; refused when it is not, or could not be measured."""
    if ground.diagnosis.type != "performance":
        return Found(not_checked=("performance: no speed-up was the aim",))
    first = replay(ground, None), replay(ground, trial)
    if first[0] is not None and first[1] is not None and any(_works(one) for one in first[0].outcomes):
        if first[0].outcomes != first[1].outcomes:
            runs = (first[0].run, first[1].run)
            return Found((_record("recorded calls give another result than before", passed=False, runs=runs),))
        ground.say("replaying the recorded calls before and after, in turns")
        return _in_turns(lambda side: _replayed(ground, side), trial, "the recorded calls")
    check, tests = ground.test_check(), work_of(ground)
    if check is None or not tests:
        return Found((_record("nothing runs the slow function, so nothing could be measured", passed=False),))
    ground.say(f"timing {len(tests)} test(s) before and after, in turns")
    tests = tests[:MOST_TESTS]
    named = ground.diagnosis.file and ground.diagnosis.function
    if named and watch_in(ground, ground.before, ground.environment(), check, (tests, ())) is not None:
        work = f"{ground.diagnosis.function} in {listed(tests)}"
        return _in_turns(lambda side: _clocked(ground, side, check, tests), trial, work)
    return _in_turns(lambda side: _timed(ground, side, check, tests), trial, listed(tests))


def _works(outcome: str) -> bool:
    """Return whether a replayed call came to a result: calls that can't be made as recorded measure nothing."""
    return not outcome.startswith("raised ")


def _clocked(ground: Ground, trial: Trial | None, check: Check, tests: tuple[str, ...]) -> Measured:
    tree = ground.after(trial) if trial else ground.before
    done = watch_in(ground, tree, ground.environment(trial), check, (tests, ()))
    if done is None:
        raise Transient(f"no test called {ground.diagnosis.function} this time", hint="Try again.")
    return (done.cpu, done.seconds, done.usual), done.run


def _replayed(ground: Ground, trial: Trial | None) -> Measured:
    done = replay(ground, trial)
    if done is None:
        raise Transient("the replay of recorded calls did not come to its end", hint="Try again.")
    return (done.seconds,), done.run


def _in_turns(timed: Callable[[Trial | None], Measured], trial: Trial, work: str) -> Found:
    samples: tuple[list[tuple[float, ...]], list[tuple[float, ...]]] = ([], [])
    runs: tuple[list[Run], list[Run]] = ([], [])
    for turn in range(ROUNDS):
        for side in (0, 1) if turn % 2 == 0 else (1, 0):
            seconds, run = timed(trial if side else None)
            samples[side].append(seconds)
            runs[side].append(run)
        if turn + 1 == EARLY and _told_early(_kinds(samples)):
            break
    both = [judged(shift(*one), work, (runs[0][0], runs[1][0])) for one in _kinds(samples)]
    return next((found for found in both if not found.refused), both[0])


def _kinds(samples: tuple[list[tuple[float, ...]], list[tuple[float, ...]]]) -> list[tuple[list[float], list[float]]]:
    """Return the samples before and after for each way of measuring."""
    before, after = (list(map(list, zip(*side, strict=True))) for side in samples)
    return list(zip(before, after, strict=True))


def _told_early(kinds: list[tuple[list[float], list[float]]]) -> bool:
    """Return whether all samples are apart by one way of measuring, or none shows a gain."""
    apart = any(max(after) < min(before) for before, after in kinds)
    return apart or all(median(after) >= median(before) for before, after in kinds)


def work_of(ground: Ground) -> tuple[str, ...]:
    """Return the tests that run the slow function: by the diagnosis, else by the measured coverage."""
    if ground.diagnosis.affected_tests:
        return ground.diagnosis.affected_tests
    spectrum = ground.codebase.spectrum
    symbol = ground.codebase.function_at(ground.diagnosis.file, ground.diagnosis.line)
    if spectrum is None or symbol is None:
        return ground.diagnosis.failing_tests
    return spectrum.tests_of(symbol.file, range(symbol.line + 1, symbol.end_line + 1))


def _timed(ground: Ground, trial: Trial | None, check: Check, tests: tuple[str, ...]) -> Measured:
    done = run_in(ground, trial, check, ids=tests)
    return (sum(done.durations.get(test, 0.0) for test in tests) or done.run.seconds,), done.run


def judged(found: Shift, work: str, runs: tuple[Run, Run]) -> Found:
    """Return whether a shift of times is a speed-up: certain, and large enough to matter."""
    passed = found.p_less < CERTAIN and found.ratio <= FASTER
    seen = f"median time {found.ratio:.0%} of the one before (p = {found.p_less:.2g}) over {work}"
    facts: dict[str, object] = {"speed_ratio": found.ratio, "speed_p": found.p_less}
    return Found((_record(seen, passed=passed, runs=runs),), before=runs[:1], after=runs[1:], facts=facts)


def _record(seen: str, *, passed: bool, runs: tuple[Run, ...] = ()) -> CheckRecord:
    return CheckRecord(
        name="performance",
        passed=passed,
        seen=seen,
        wanted=f"median time at most {FASTER:.0%} of the one before, p < {CERTAIN}",
        why="A speed-up that can't be told from noise is none.",
        runs=runs,
    )
