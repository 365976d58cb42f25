"""Faults in well-known libraries: found as what they are, and where. `python -m bench.inject FOLDER [options]`.

FOLDER keeps the downloaded libraries and what was seen of them. For each library faults of all kinds are injected;
its own tests give the failing log and the coverage by test, and are the traffic whose telemetry is looked at. A fault
counts when it shows: a test fails, a function takes 1.5 times its time or more, its calls come in another order, no
test runs it any more. The libraries of `TRAIN` were used for developing and fitting, those of `TEST` only here.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from bench.injector import KINDS, TEST, TRAIN, Fault, Library, fetch, inject
from bench.injector.judge import Place, anomalies_of, codebase_of, faulty, place_of, seen_in, suspects_of
from bench.injector.observe import Laboratory
from bench.injector.traffic import traffic
from bot.codebase import of
from bot.detectors._seen import Seen
from bot.model import Anomaly, Baseline, TelemetryMetrics
from bot.telemetry.baseline import baseline_of

CONFIRMED = Path(__file__).parent / "injector" / "confirmed.txt"
BY_TESTS = tuple(kind for kind, type in KINDS.items() if type in ("error", "state", "dependency"))
BY_TRAFFIC = tuple(kind for kind, type in KINDS.items() if type in ("performance", "behavioral"))
BY_FILES = tuple(kind for kind, type in KINDS.items() if type == "documentation")
HEALTHY, SHOWS = 3, 1.5


@dataclass
class Tally:
    """What came out for one library."""

    name: str
    found: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    places: list[Place] = field(default_factory=list)
    alarms: list[Anomaly] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def note(self, fault: Fault, *, hit: bool) -> None:
        """Note whether a fault was found as what it is."""
        self.found[fault.type].append(hit)
        if not hit:
            self.missed.append(f"{fault.kind} in {fault.file} {fault.function}: {fault.said}")


@dataclass(frozen=True)
class Bench:
    """One library under test, with the metrics of its healthy hours."""

    lab: Laboratory
    library: Library
    files: Mapping[str, str]
    healthy: tuple[TelemetryMetrics, ...]
    wanted: tuple[str, ...]
    number: int
    seed: int

    def baseline(self) -> Baseline:
        """Return what the healthy hours have in common."""
        return baseline_of(reversed(self.healthy))

    def of(self, kinds: Iterable[str]) -> tuple[str, ...]:
        """Return those of the kinds that were asked for."""
        return tuple(kind for kind in kinds if kind in self.wanted)


def judge(bench: Bench) -> Tally:
    """Return what came out for a library."""
    tally = Tally(bench.library.name)
    known = _untouched(bench, tally)
    _by_tests(bench, tally, known)
    _by_files(bench, tally, known)
    _by_traffic(bench, tally)
    _by_coverage(bench, tally)
    return tally


def _untouched(bench: Bench, tally: Tally) -> set[str]:
    run = bench.lab.untouched(bench.library)
    codebase = codebase_of(bench.files, run)
    own = traffic(bench.lab, bench.library, {}, HEALTHY) if bench.healthy else TelemetryMetrics()
    metrics = own.model_copy(update={"failures": seen_in(codebase, run, ()).metrics.failures})
    found = anomalies_of(Seen(metrics, bench.baseline(), codebase=codebase))
    confirmed = CONFIRMED.read_text().splitlines()
    names = {f"{bench.library.name}: {one.description}": one for one in found if one.severity != "low"}
    tally.alarms += [one for name, one in names.items() if not any(name.startswith(c) for c in confirmed if c)]
    return {one.id for one in found}


def _by_tests(bench: Bench, tally: Tally, known: set[str]) -> None:
    for kinds in (bench.of(k for k in BY_TESTS if KINDS[k] == type) for type in ("error", "state", "dependency")):
        for fault, seen in bench.lab.shown(bench.library, kinds, bench.number, bench.seed) if kinds else ():
            codebase, view = faulty(bench.files, fault, seen)
            found = anomalies_of(view)
            tally.note(fault, hit=any(one.type == fault.type and one.id not in known for one in found))
            if fault.type == "error":
                tally.places.append(place_of(fault, suspects_of(codebase, found)))


def _by_files(bench: Bench, tally: Tally, known: set[str]) -> None:
    for fault in islice(inject(bench.files, bench.of(BY_FILES), seed=bench.seed), bench.number):
        found = anomalies_of(Seen(codebase=of({**bench.files, **fault.edits})))
        here = (one for one in found if one.type == fault.type and one.id not in known)
        tally.note(fault, hit=any(one.metrics.get("file") == fault.file for one in here))


def _by_traffic(bench: Bench, tally: Tally) -> None:
    shown: dict[str, int] = defaultdict(int)
    for fault in islice(inject(bench.files, bench.of(BY_TRAFFIC), seed=bench.seed), 8 * bench.number):
        if shown[fault.type] >= bench.number or not _busy(bench, fault):
            continue
        first = traffic(bench.lab, bench.library, fault.edits, HEALTHY)
        if not _shows(bench, fault, first):
            continue
        shown[fault.type] += 1
        now = traffic(bench.lab, bench.library, fault.edits, HEALTHY) if fault.type == "performance" else first
        found = anomalies_of(Seen(now, bench.baseline(), codebase=of({**bench.files, **fault.edits})))
        names = [str(one.sequence or one.handler) for one in found if one.type == fault.type]
        tally.note(fault, hit=any(name.endswith(f".{fault.function}") for name in names))


def _handler(metrics: TelemetryMetrics, fault: Fault) -> str:
    return next((name for name in metrics.handlers if name.endswith(f".{fault.function}")), "")


def _busy(bench: Bench, fault: Fault) -> bool:
    found = bench.healthy[0].handlers.get(_handler(bench.healthy[0], fault))
    return found is not None and found.count >= 20


def _shows(bench: Bench, fault: Fault, now: TelemetryMetrics) -> bool:
    """Return whether a function takes much longer, or its calls come in an order that healthy hours never saw."""
    name = _handler(now, fault)
    if fault.type == "performance":
        usual = statistics.median(one.handlers[name].p50 for one in bench.healthy if name in one.handlers)
        return name in now.handlers and now.handlers[name].p50 >= SHOWS * usual > 0
    past = bench.baseline().sequences.get(name)
    orders = {order for order, _ in now.sequences[name].orders} if name in now.sequences else set()
    return past is not None and bool(orders - {order for order, _ in past.orders})


def _by_coverage(bench: Bench, tally: Tally) -> None:
    faults = inject(bench.files, bench.of(["lost-tests"]), seed=bench.seed)
    for fault in islice(_uncovered(bench, faults), bench.number):
        seen = bench.lab.observe(bench.library, fault)
        codebase = codebase_of({**bench.files, **fault.edits}, seen.run)
        found = anomalies_of(Seen(bench.healthy[-1], bench.baseline(), codebase=codebase))
        names = [str(one.handler) for one in found if one.type == "coverage"]
        tally.note(fault, hit=any(name.endswith(f".{fault.function}") for name in names))


def _uncovered(bench: Bench, faults: Iterator[Fault]) -> Iterator[Fault]:
    """Yield the faults after which no test enters the function any more, though it is in use; tries thrice as many."""
    for fault in islice(faults, 3 * bench.number):
        if _handler(bench.healthy[-1], fault):
            run = bench.lab.observe(bench.library, fault).run
            codebase = codebase_of({**bench.files, **fault.edits}, run)
            function = codebase.function_at(fault.file, fault.line)
            if function and not codebase.tests_of(function):
                yield fault


def table(tallies: list[Tally]) -> Iterator[str]:
    """Yield the table: for each library and together, what was found as what it is, and where."""
    types = list(dict.fromkeys(KINDS.values()))
    yield (
        f"{'library':18}"
        + "".join(f"{type[:13]:>14}" for type in types)
        + "  function 1st / in 5   line 1st   false alarms"
    )
    every = Tally("all")
    for one in tallies:
        for type, hits in one.found.items():
            every.found[type] += hits
        every.places += one.places
        every.alarms += one.alarms
    for one in (*tallies, every):
        cells = (f"{sum(hits)} of {len(hits)}" if (hits := one.found[type]) else "-" for type in types)
        n = max(1, len(one.places))
        first, five = sum(p.function == 1 for p in one.places) / n, sum(0 < p.function <= 5 for p in one.places) / n
        line = sum(p.line == 1 for p in one.places) / n
        row = "".join(f"{cell:>14}" for cell in cells)
        yield f"{one.name:18}{row}  {first:10.1%} / {five:6.1%} {line:10.1%} {len(one.alarms):14}"
    hits = [hit for found in every.found.values() for hit in found]
    if hits:
        yield f"detected with the right type: {sum(hits)} of {len(hits)} ({sum(hits) / len(hits):.1%})"


def main() -> None:
    """Inject, judge and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("libraries", nargs="*", default=list(TEST), help="default: those of `TEST`")
    parser.add_argument("--train", action="store_true", help="those that were used for developing")
    parser.add_argument("--number", type=int, default=10, help="faults of each type and library")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", default=",".join(KINDS), help="comma-separated kinds of faults")
    given = parser.parse_args()
    lab, wanted, tallies = Laboratory(given.folder), tuple(given.kinds.split(",")), []
    for name in TRAIN if given.train else given.libraries:
        library = fetch(name, given.folder)
        needed = any(kind in wanted for kind in (*BY_TRAFFIC, "lost-tests"))
        healthy = tuple(traffic(lab, library, {}, run) for run in range(HEALTHY if needed else 0))
        bench = Bench(lab, library, dict(library.files), healthy, wanted, given.number, given.seed)
        tallies.append(judge(bench))
        for line in (*tallies[-1].missed, *(f"false alarm: {one.description}" for one in tallies[-1].alarms)):
            print(f"  {name}: {line}", file=sys.stderr)
        print(*table(tallies[-1:]), sep="\n", file=sys.stderr, flush=True)
    print(*table(tallies), sep="\n")


if __name__ == "__main__":
    main()
