"""Puts one library to the trial: faults of all kinds, each looked at by the signals of its type."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from bench.injector.inject import ALL, inject
from bench.injector.judge import Place, anomalies_of, codebase_of, faulty, place_of, seen_in, shown_by_tests
from bench.injector.libraries import Library
from bench.injector.observe import Laboratory
from bench.injector.results import Tally
from bench.injector.traffic import SECONDS
from bench.injector.values import Fault
from bot.causes.locate import diagnose_failure
from bot.codebase import Codebase, of
from bot.detectors._seen import Seen
from bot.detectors._timing import samples_of
from bot.model import Anomaly, AnomalyType, Baseline, TelemetryMetrics
from bot.telemetry.baseline import baseline_of

CONFIRMED = Path(__file__).parent / "confirmed.txt"
BY_TESTS = tuple(kind for kind, type in ALL.items() if type in ("error", "state", "dependency"))
BY_TRAFFIC = tuple(kind for kind, type in ALL.items() if type in ("performance", "behavioral"))
BY_FILES = tuple(kind for kind, type in ALL.items() if type == "documentation")
BY_COVERAGE = tuple(kind for kind, type in ALL.items() if type == "coverage")
LACKS = f"no telemetry: its tests take longer than {SECONDS:.0f} s while all calls are noted"
HEALTHY, LATER, SHOWS, ENOUGH = 6, 10, 1.5, 20
"""Hours that are known to be good, the hour that is looked at, by how much a slow-down shows, and
how many calls or durations it takes."""


@dataclass(frozen=True)
class Trial:
    """One library under test, with the metrics of its healthy hours; `number` faults of each wanted kind.

    `lacks` tells why there are no healthy hours, where they are needed.
    """

    lab: Laboratory
    library: Library
    files: Mapping[str, str]
    healthy: tuple[TelemetryMetrics, ...]
    wanted: tuple[str, ...]
    number: int
    seed: int
    lacks: str = ""

    def baseline(self) -> Baseline:
        """Return what the healthy hours have in common."""
        return baseline_of(reversed(self.healthy))

    def of(self, kinds: Iterable[str]) -> tuple[str, ...]:
        """Return those of the kinds that were asked for."""
        return tuple(kind for kind in kinds if kind in self.wanted)


def trial_of(lab: Laboratory, library: Library, wanted: tuple[str, ...], number: int, seed: int) -> Trial:
    """Return a library made ready: its healthy hours are there when a wanted kind needs them."""
    needed = any(kind in wanted for kind in (*BY_TRAFFIC, *BY_COVERAGE))
    healthy: list[TelemetryMetrics] = []
    while len(healthy) < (HEALTHY if needed else 0):
        healthy.append(lab.traffic(library, {}, len(healthy)))
        if not healthy[-1].handlers:
            left = tuple(kind for kind in wanted if kind not in (*BY_TRAFFIC, *BY_COVERAGE))
            return Trial(lab, library, dict(library.files), (), left, number, seed, lacks=LACKS)
    return Trial(lab, library, dict(library.files), tuple(healthy), wanted, number, seed)


def judge(trial: Trial) -> Tally:
    """Return what came out for a library."""
    tally = Tally(trial.library.name, lacks=trial.lacks)
    known = _untouched(trial, tally)
    _by_tests(trial, tally, known)
    _by_files(trial, tally, known)
    _by_traffic(trial, tally)
    _by_coverage(trial, tally)
    return tally


def _untouched(trial: Trial, tally: Tally) -> set[str]:
    run = trial.lab.untouched(trial.library)
    codebase = codebase_of(trial.files, run)
    own = trial.lab.traffic(trial.library, {}, LATER) if trial.healthy else TelemetryMetrics()
    failures = seen_in(codebase, trial.lab.log(trial.library), ()).metrics.failures
    metrics = own.model_copy(update={"failures": failures})
    found = anomalies_of(Seen(metrics, trial.baseline(), codebase=codebase))
    confirmed = [line for line in CONFIRMED.read_text().splitlines() if line]
    names = [f"{trial.library.name}: {one.description}" for one in found if one.severity != "low"]
    tally.alarms += [name for name in names if not any(name.startswith(one) for one in confirmed)]
    return {one.id for one in found}


def _by_tests(trial: Trial, tally: Tally, known: set[str]) -> None:
    types: tuple[AnomalyType, ...] = ("error", "state", "dependency")
    for type in types:
        kinds = trial.of(kind for kind in BY_TESTS if ALL[kind] == type)
        for fault, seen in trial.lab.shown(trial.library, kinds, trial.number * len(kinds), trial.seed):
            codebase, view = faulty(trial.files, fault, seen)
            found = anomalies_of(view, "error", "state") if type == "error" else anomalies_of(view, type)
            hit = any(one.type == fault.type and one.id not in known for one in found)
            tally.note(fault, hit=hit, place=_place(trial, fault, codebase, found) if type == "error" else None)


def _place(trial: Trial, fault: Fault, codebase: Codebase, found: tuple[Anomaly, ...]) -> Place:
    """Return where a fault stands among the suspects of the first anomaly that failing tests show."""
    shown = shown_by_tests(found)
    if shown is None:
        return Place(0, 0)
    return place_of(fault, diagnose_failure(shown, trial.lab.cured(trial.library, fault, codebase, found)).suspects)


def _by_files(trial: Trial, tally: Tally, known: set[str]) -> None:
    kinds = trial.of(BY_FILES)
    for fault in islice(inject(trial.files, kinds, seed=trial.seed), trial.number * len(kinds)):
        found = anomalies_of(Seen(codebase=of({**trial.files, **fault.edits})), "documentation")
        here = (one for one in found if one.type == fault.type and one.id not in known)
        tally.note(fault, hit=any(one.metrics.get("file") == fault.file for one in here))


def _by_traffic(trial: Trial, tally: Tally) -> None:
    kinds = trial.of(BY_TRAFFIC)
    wanted = {type: trial.number * sum(ALL[kind] == type for kind in kinds) for type in ("performance", "behavioral")}
    shown: Counter[str] = Counter()
    for fault in islice(inject(trial.files, kinds, seed=trial.seed), 3 * trial.number * len(kinds)):
        if shown[fault.type] >= wanted[fault.type] or not _busy(trial, fault):
            continue
        first = trial.lab.traffic(trial.library, fault.edits, LATER)
        if _shows(trial, fault, first):
            shown[fault.type] += 1
            again = fault.type == "performance"
            now = trial.lab.traffic(trial.library, fault.edits, LATER + 1) if again else first
            tally.note(fault, hit=_named(trial, fault, now))


def _named(trial: Trial, fault: Fault, now: TelemetryMetrics) -> bool:
    """Return whether an anomaly of the right type names the faulty function."""
    found = anomalies_of(Seen(now, trial.baseline(), codebase=of({**trial.files, **fault.edits})), fault.type)
    names = [str(one.sequence or one.handler) for one in found if one.type == fault.type]
    return any(name.endswith(f".{fault.function}") for name in names)


def _handler(metrics: TelemetryMetrics, fault: Fault) -> str:
    return next((name for name in metrics.handlers if name.endswith(f".{fault.function}")), "")


def _busy(trial: Trial, fault: Fault) -> bool:
    """Return whether there are enough calls, and for a slow-down durations, for anything to be seen."""
    found = trial.healthy[0].handlers.get(_handler(trial.healthy[0], fault))
    if found is None or fault.type != "performance":
        return found is not None and found.count >= ENOUGH
    return sum(len(samples_of(window)) for window in found.windows) >= ENOUGH


def _shows(trial: Trial, fault: Fault, now: TelemetryMetrics) -> bool:
    """Return whether a function takes much longer, or its calls come in an order that healthy hours never saw."""
    name = _handler(now, fault)
    if fault.type == "performance":
        return name in now.handlers and _ratio(trial, now, name) >= SHOWS * _pace(trial, now) > 0
    past = trial.baseline().sequences.get(name)
    orders = {order for order, _ in now.sequences[name].orders} if name in now.sequences else set()
    return past is not None and bool(orders - {order for order, _ in past.orders})


def _ratio(trial: Trial, now: TelemetryMetrics, name: str) -> float:
    """Return how much longer a function takes than in the healthy hours; 0 when they do not know it."""
    usual = [one.handlers[name].p50 for one in trial.healthy if name in one.handlers]
    return now.handlers[name].p50 / statistics.median(usual) if usual and statistics.median(usual) else 0.0


def _pace(trial: Trial, now: TelemetryMetrics) -> float:
    """Return how much longer most functions take: that is the machine and no fault."""
    return statistics.median([_ratio(trial, now, name) for name in now.handlers] or [1.0])


def _by_coverage(trial: Trial, tally: Tally) -> None:
    faults = inject(trial.files, trial.of(BY_COVERAGE), seed=trial.seed)
    for fault in islice(_uncovered(trial, faults), trial.number):
        seen = trial.lab.observe(trial.library, fault)
        codebase = codebase_of({**trial.files, **fault.edits}, seen.run)
        found = anomalies_of(Seen(trial.healthy[-1], trial.baseline(), codebase=codebase), "coverage")
        names = [str(one.handler) for one in found]
        tally.note(fault, hit=any(name.endswith(f".{fault.function}") for name in names))


def _uncovered(trial: Trial, faults: Iterator[Fault]) -> Iterator[Fault]:
    """Yield the faults after which no test enters the function any more, though it is in use; tries fourfold."""
    for fault in islice(faults, 4 * trial.number):
        if _handler(trial.healthy[-1], fault):
            run = trial.lab.observe(trial.library, fault).run
            codebase = codebase_of({**trial.files, **fault.edits}, run)
            function = codebase.function_at(fault.file, fault.line)
            if function and not codebase.tests_of(function):
                yield fault
