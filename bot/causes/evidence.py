"""What has to be run to find a cause: the last good version, and which test covers which line."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bot.checks import run_tests
from bot.codebase import Codebase, Spectrum, prepare, with_good
from bot.errors import BotError, Declined
from bot.model import AnalysisRequest, Check, CodebaseInfo, Value
from bot.ports import Environments, Limits, Sandbox, Source, Store

STEPS_BACK = (0, 1, 2, 4, 8)
GOOD_SECONDS = 60.0
SPECTRUM_SECONDS, LEAST_SECONDS = 180.0, 20.0
SPECTRUM_SHARE = 0.2  # of the time that is left: most of it is for the repair and its proof
BROKEN = frozenset({"failed", "error"})
AGAIN_SECONDS = 30.0
AGAIN = 3  # runs after the first one, for tests that did not do the same twice
MOST = 100  # failing tests that are run again


SPECTRUM = "spectrum"


class Measured(Value):
    """The coverage by test of one tree: where it is kept, in which environment it was measured, how each test ended."""

    environment: str
    spectrum: str
    outcomes: dict[str, str]


@dataclass(frozen=True)
class World:
    """The ports that gathering evidence takes."""

    source: Source
    sandbox: Sandbox
    store: Store


def test_check(info: CodebaseInfo) -> Check | None:
    """Return the test command of a repository, or None."""
    return next((check for check in info.checks if check.kind == "test"), None)


def find_good(info: CodebaseInfo, failing: tuple[str, ...], request: AnalysisRequest, world: World) -> CodebaseInfo:
    """Return `info` with the last good commit and its files.

    That is the commit the request names, else the first of HEAD (when the tree differs from it), HEAD~1, ~2, ~4 and ~8
    where the failing tests exist and pass; `good` stays empty when there is none.
    """
    checkout = Path(info.checkout)
    if request.good:
        return with_good(info, request.good, world.source, world.store)
    known = world.source.ancestors(checkout, max(STEPS_BACK) + 1)
    check = test_check(info)
    for back in STEPS_BACK if check else ():
        if back >= len(known) or (back == 0 and not _differs(info, known[0], world.source)):
            continue
        candidate = with_good(info, known[back], world.source, world.store)
        if check and _passes(candidate, check, failing, world.sandbox):
            return candidate
    return info


def find_installable(
    info: CodebaseInfo, request: AnalysisRequest, world: World, environments: Environments
) -> CodebaseInfo:
    """Return `info`, whose environment can't be made, with the last good commit: one whose environment can be made.

    That is the commit the request names, else the first of HEAD, HEAD~1, ~2, ~4 and ~8.
    """
    if request.good:
        return with_good(info, request.good, world.source, world.store)
    known = world.source.ancestors(Path(info.checkout), max(STEPS_BACK) + 1)
    for back in STEPS_BACK:
        if back < len(known):
            candidate = with_good(info, known[back], world.source, world.store)
            with suppress(Declined):
                environments.prepare(Path(candidate.good_tree), info.needs, fresh=True)
                return candidate
    return info


def _differs(info: CodebaseInfo, ref: str, source: Source) -> bool:
    return dict(Codebase(info).files) != dict(source.at(Path(info.checkout), ref))


def _passes(info: CodebaseInfo, check: Check, failing: tuple[str, ...], sandbox: Sandbox) -> bool:
    limits = Limits(seconds=GOOD_SECONDS)
    try:
        ran = run_tests(sandbox, Path(info.good_tree), Path(info.environment), check, ids=failing, limits=limits)
    except BotError:
        return False
    return ran.complete and all(ran.outcomes.get(test) == "passed" for test in failing)


def measure_spectrum(info: CodebaseInfo, world: World, failing: tuple[str, ...] = (), until: float = 0) -> CodebaseInfo:
    """Return `info` with the coverage by test of the whole suite and every outcome, or unchanged without one.

    A tree is measured once in each environment. `until` is the UTC time (seconds since 1970; 0 for none) when all must
    be over: a fifth of what is left of it may be spent. Where the whole suite does not come to its end, the coverage is
    that of the tests which did and of the `failing` ones, and the outcomes come from a run without it.
    """
    check = test_check(info)
    known = world.store.latest(Measured, kind=SPECTRUM, key=info.digest)
    if check is None or (known is not None and known.environment == info.environment):
        return with_known_spectrum(info, world.store) if check else info
    place, limits = (Path(info.tree), Path(info.environment), check), Limits(seconds=_share(until))
    ran = run_tests(world.sandbox, *place, coverage=True, limits=limits)
    coverage, outcomes = dict(ran.coverage), dict(ran.outcomes)
    if ran.stopped or ran.unfinished:
        outcomes |= run_tests(world.sandbox, *place, limits=limits).outcomes
        some = Limits(seconds=LEAST_SECONDS)
        if missing := [test for test in failing if test not in coverage]:
            coverage |= run_tests(world.sandbox, *place, ids=missing, coverage=True, limits=some).coverage
    kept = world.store.fetch(world.store.keep(Spectrum(coverage=coverage, outcomes=outcomes).dumps().encode()))
    found = Measured(environment=info.environment, spectrum=str(kept), outcomes=outcomes)
    world.store.save(found, kind=SPECTRUM, key=info.digest)
    return with_known_spectrum(info, world.store)


def _share(until: float) -> float:
    left = SPECTRUM_SHARE * (until - time.time()) if until else SPECTRUM_SECONDS
    return max(LEAST_SECONDS, min(SPECTRUM_SECONDS, left))


def with_known_spectrum(info: CodebaseInfo, store: Store) -> CodebaseInfo:
    """Return `info` with what was measured of the same tree earlier, or unchanged when nothing was."""
    known = store.latest(Measured, kind=SPECTRUM, key=info.digest)
    if known is None or not Path(known.spectrum).is_file():
        return info
    return info.model_copy(update={"spectrum": known.spectrum, "outcomes": known.outcomes})


def measured(checkout: str, world: World, environments: Environments) -> None:
    """Measure which test runs which line of a checkout, for the looks to come; nothing where its tests can't be run."""
    info = prepare(checkout, world.source, environments, world.store, environment=True)
    if info.environment:
        with suppress(BotError):
            measure_spectrum(info, world)


def repeat_failing(info: CodebaseInfo, failing: tuple[str, ...], world: World) -> CodebaseInfo:
    """Return `info` with the outcomes of each failing test when it runs again alone, on the same code.

    Each runs once, and three times more when that or the run of the whole suite did not fail: what fails and passes on
    the same code is flaky. Nothing is run for more than a hundred tests, or without a test command.
    """
    check = test_check(info)
    if check is None or not failing or len(failing) > MOST:
        return info
    seen: dict[str, tuple[str, ...]] = {}
    wanted = failing
    for turn in range(1 + AGAIN):
        for test, outcome in _again(info, check, wanted, world.sandbox).items():
            if test in wanted:
                seen[test] = (*seen.get(test, ()), outcome)
        known = {test: (*seen.get(test, ()), info.outcomes.get(test, "failed")) for test in wanted}
        wanted = tuple(test for test in wanted if turn or "passed" in known[test])
        if not wanted:
            break
    return info.model_copy(update={"repeats": seen})


def _again(info: CodebaseInfo, check: Check, tests: tuple[str, ...], sandbox: Sandbox) -> Mapping[str, str]:
    limits = Limits(seconds=AGAIN_SECONDS)
    try:
        return run_tests(sandbox, Path(info.tree), Path(info.environment), check, ids=tests, limits=limits).outcomes
    except BotError:
        return {}
