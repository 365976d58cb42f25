"""Edits tried out on the failing tests, where nothing else tells the faulty line for sure."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from bot.causes.flaky import flaky
from bot.causes.locate import TEST_CLASSES, diagnose_failure, evaluated, failing_of
from bot.codebase import Codebase, Spectrum
from bot.errors import BotError
from bot.model import Anomaly, Check, CodebaseInfo, Cure, Diagnosis
from bot.ports import Sandbox
from bot.search import Bounds, Problem, Tests, evaluator
from bot.search.cures import cures

SECONDS, SHARE = 8.0, 0.05  # of the processor for the largest cause, and at most that much of the time that is left
TIMES = 5.0  # how much longer the box may live than that: tests that wait use no processor
CANDIDATES = 1_500
CAUSES = 3  # of a run, the largest first; each gets less time than the one before
FAILING, PASSING = 20, 100  # tests of a cause that every edit must pass, and others that it must not break
FUNCTIONS = 8  # the likeliest functions, whose tests are looked at


def with_cures(info: CodebaseInfo, anomalies: Iterable[Anomaly], sandbox: Sandbox, until: float = 0) -> CodebaseInfo:
    """Return `info` with the places where an edit cures failing tests, of the largest causes that tests show.

    What cures all of them together is looked for first. Nothing is tried where the last good version is known (what
    changed since tells more), or without a test command and the coverage by test. `until` is the UTC time (seconds
    since 1970; 0 for none) when all must be over. Tests that do not fail each time would seem cured by anything.
    """
    codebase = Codebase(info)
    check = next((one for one in info.checks if one.runner), None)
    if check is None or info.good or not info.spectrum or not info.environment:
        return info
    seconds = min(SECONDS, SHARE * (until - time.time())) if until else SECONDS
    shown = [one for one in anomalies if _shown_by_tests(one) and not flaky(failing_of(one), codebase)]
    largest = sorted(shown, key=lambda one: -len(one.failures))
    found: tuple[Cure, ...] = ()
    if seconds >= 1:
        trials = _Trials(codebase, check, sandbox)
        several = len(largest) > 1
        found = trials.cures_of(_together(largest), seconds) if several else ()
        for rank, anomaly in enumerate(() if found else largest[:CAUSES], 2 if several else 1):
            found += trials.cures_of(anomaly, seconds / rank)
    return info.model_copy(update={"cures": found})


def _shown_by_tests(anomaly: Anomaly) -> bool:
    classes = {failure.klass for failure in anomaly.failures if failure.test_id}
    return anomaly.type in ("error", "state") and (bool(classes & TEST_CLASSES) or evaluated(anomaly))


def _together(anomalies: Sequence[Anomaly]) -> Anomaly:
    """Return one anomaly with the failures of several in turn: often one fault is behind all of them."""
    turns = zip_longest(*(anomaly.failures for anomaly in anomalies))
    return anomalies[0].model_copy(update={"failures": tuple(one for turn in turns for one in turn if one)})


@dataclass(frozen=True)
class _Trials:
    """Where edits are tried."""

    codebase: Codebase
    check: Check
    sandbox: Sandbox

    def cures_of(self, anomaly: Anomaly, seconds: float) -> tuple[Cure, ...]:
        """Return the cures of one cause; none where its tests can't be judged by."""
        diagnosis = diagnose_failure(anomaly, self.codebase)
        failing = diagnosis.failing_tests[:FAILING]
        tests = Tests(failing, _passing(diagnosis, self.codebase))
        bounds = Bounds(observe=seconds, by_processor=True, total=TIMES * seconds)
        problem = Problem(
            self.codebase,
            failing,
            suspects=diagnosis.suspects,
            budget_seconds=seconds,
            max_candidates=CANDIDATES,
        )
        try:
            with evaluator(self.sandbox, self.codebase, self.check, tests, bounds) as evaluate:
                found = cures(problem, evaluate)
        except BotError:  # evidence that is not to be had is no reason to stop
            return ()
        return tuple(one.model_copy(update={"tests": diagnosis.failing_tests}) for one in found)


def _passing(diagnosis: Diagnosis, codebase: Codebase) -> tuple[str, ...]:
    """Return passing tests that run lines of the likeliest functions, evenly chosen."""
    spectrum = codebase.spectrum or Spectrum()
    functions = list(dict.fromkeys((one.file, one.function) for one in diagnosis.suspects))[:FUNCTIONS]
    near = [(one.file, one.line) for one in diagnosis.suspects if (one.file, one.function) in functions]
    ran = {test for file, line in near for test in spectrum.by_line.get(file, {}).get(line, ())}
    outcomes = codebase.info.outcomes
    good = sorted(test for test in ran - {*diagnosis.failing_tests} if outcomes.get(test) == "passed")
    return tuple(good[:: max(1, len(good) // PASSING)][:PASSING])
