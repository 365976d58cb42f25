"""Faults in well-known libraries: found as what they are, and where. `python -m bench.inject FOLDER [LIBRARY ...]`.

FOLDER keeps the downloaded libraries, what was seen of them, and the results. For each library faults of all kinds
are injected; its own tests give the failing log and the coverage by test, and are the traffic whose telemetry is
looked at. A fault counts when it shows: a test fails, a function takes 1.5 times its time or more, its calls come in
another order, no test runs it any more. The libraries of `TRAIN` were used for developing and fitting, those of
`TEST` for figures.

It can be run in pieces: with `--seconds` it stops before a run of tests that would begin later, and run again it goes
on from what was kept. `--table` prints what the pieces of all libraries came to. A library whose tests can't be run
here stands in the table with the reason.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from bench.injector import KINDS, SLIPS, TEST, TRAIN, fetch
from bench.injector.observe import Laboratory, Paused
from bench.injector.results import Tally, keep, read, table
from bench.injector.trials import judge, trial_of


def main() -> None:
    """Inject, judge and print."""
    given = _given()
    names, results = TRAIN if given.train else tuple(given.libraries or TEST), given.folder / given.results
    if not given.table:
        lab = Laboratory(given.folder, until=time.monotonic() + given.seconds)
        try:
            _run(lab, names, given, results)
        except Paused as paused:
            print(f"paused at {paused}; run it again to go on", file=sys.stderr)
    print(*table(read(results, given.libraries if given.table else names)), sep="\n")


def _run(lab: Laboratory, names: tuple[str, ...], given: argparse.Namespace, results: Path) -> None:
    for name in names:
        kinds = tuple(SLIPS) if given.kinds == "slips" else tuple(given.kinds.split(","))
        try:
            tally = judge(trial_of(lab, fetch(name, given.folder), kinds, given.faults, given.seed))
        except RuntimeError as reason:
            tally = Tally(name, unable=str(reason))
        keep(results, tally)
        for line in (*tally.missed(), *(f"false alarm: {one}" for one in tally.alarms)):
            print(f"  {name}: {line}", file=sys.stderr, flush=True)


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("libraries", nargs="*", help="default: those of `TEST`")
    parser.add_argument("--train", action="store_true", help="those that were used for developing")
    parser.add_argument("--faults", type=int, default=1, help="faults of each kind and library")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", default=",".join(KINDS), help="comma-separated kinds of faults, or: slips")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="start no run of tests after so long")
    parser.add_argument("--results", default="results.jsonl", help="the file in FOLDER that keeps what came out")
    parser.add_argument("--table", action="store_true", help="run nothing, print all results that were kept")
    return parser.parse_args()


if __name__ == "__main__":
    main()
