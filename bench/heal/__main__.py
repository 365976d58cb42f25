"""Makes cases, heals them one after the other, and prints one table."""

from __future__ import annotations

import argparse
import json
import random
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

from bench.heal.cases import Case, Workshop
from bench.heal.generated import Worth
from bench.heal.judge import Row, judged, remember
from bench.heal.suite import environment
from bench.injector import KINDS, SLIPS, TEST, TRAIN, fetch

TYPES = ("error", "performance", "behavioral", "coverage", "state", "dependency", "documentation")
WORDS = ("detected", "localised", "plausible", "correct", "wrong", "tested")
HEALTHY = 5  # every fifth case holds no fault


def main() -> None:
    """Run the benchmark as the arguments say."""
    asked = _arguments()
    folder = Path(asked.folder or tempfile.gettempdir()) / "selfheal-healbench"
    folder.mkdir(parents=True, exist_ok=True)
    plan = Plan(asked, folder)
    rows = []
    done = _done(Path(asked.out)) if asked.out else {}
    for made in plan.cases():
        case = replace(made, options=made.options[2:]) if asked.no_good else made
        row = done.get(case.name) or judged(case, plan.made, asked.budget)
        rows.append(row)
        print(_line(row), flush=True)
        if asked.out and case.name not in done:
            with Path(asked.out).open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(asdict(row)) + "\n")
        if not asked.keep:
            shutil.rmtree(case.checkout, ignore_errors=True)
    print(table(rows))


def _done(out: Path) -> dict[str, Row]:
    """Return the rows of an earlier run by case: those cases are not healed again."""
    lines = out.read_text(encoding="utf-8").splitlines() if out.is_file() else ()
    held = [json.loads(line) for line in lines]
    return {one["name"]: Row(**{**one, "worth": Worth(**one["worth"])}) for one in held}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.heal", description=__doc__)
    parser.add_argument("--library", action="append", metavar="NAME", help=f"default: {', '.join((*TRAIN, *TEST))}")
    kinds = sorted({*KINDS, *SLIPS, *TYPES, "none"})
    parser.add_argument("--kind", action="append", choices=kinds, help="kinds or types of faults")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sample", type=int, default=130, metavar="N", help="how many cases in all")
    parser.add_argument("--budget", type=float, default=120.0, metavar="SECONDS", help="for each case")
    parser.add_argument("--folder", help="where libraries and checkouts lie (default: the temporary folder)")
    parser.add_argument("--out", help="a file for one JSON line a case; those in it are not healed again")
    parser.add_argument("--slips", action="store_true", help="faults of the further kinds in place of the usual ones")
    parser.add_argument("--no-good", action="store_true", help="name no good version: lost tests are written anew")
    parser.add_argument("--keep", action="store_true", help="keep the checkouts")
    return parser.parse_args()


class Plan:
    """Which cases are made: the types in turn, spread over the libraries, every fifth without a fault."""

    def __init__(self, asked: argparse.Namespace, folder: Path) -> None:
        self.asked, self.folder = asked, folder
        self.made = environment(folder)
        self.chance = random.Random(asked.seed)
        self.names = list(asked.library or (*TRAIN, *TEST))
        self.chance.shuffle(self.names)
        self.shops: dict[str, Workshop | None] = {}
        self.used: set[tuple[str, str]] = set()

    def cases(self) -> Iterator[Case]:
        """Yield the cases, each in a checkout of its own."""
        known = SLIPS if self.asked.slips else KINDS
        kinds = [kind for kind in known if not self.asked.kind or {kind, known[kind]} & set(self.asked.kind)]
        types = [name for name in TYPES if any(known[kind] == name for kind in kinds)]
        number = turn = misses = 0
        healthy = self.asked.kind and "none" in self.asked.kind
        while number < self.asked.sample and misses < max(len(types), len(self.names)) * 2:
            if healthy or (number % HEALTHY == HEALTHY - 1 and not self.asked.kind):
                found = self._healthy(number, misses)
            else:
                found = self._one([kind for kind in kinds if known[kind] == types[turn % len(types)]])
                turn += 1
            misses = 0 if found else misses + 1
            if found:
                number += 1
                yield found

    def _healthy(self, number: int, misses: int) -> Case | None:
        shop = self._shop(self.names[(number + misses) % len(self.names)])
        return shop.healthy(number) if shop else None

    def _one(self, kinds: list[str]) -> Case | None:
        places = [(name, kind) for name in self.names for kind in kinds if (name, kind) not in self.used]
        for name, kind in self.chance.sample(places, len(places)):
            self.used.add((name, kind))
            shop = self._shop(name)
            found = shop.faulty(kind) if shop else None
            if found is not None:
                return found
        return None

    def _shop(self, name: str) -> Workshop | None:
        if name not in self.shops:
            try:
                shop = Workshop(fetch(name, self.folder), self.made, self.folder / "cases", self.asked.seed)
                remember(shop.base, shop.known)
                self.shops[name] = shop
            except RuntimeError as error:
                print(f"left out: {error}", file=sys.stderr)
                self.shops[name] = None
        return self.shops[name]


def _line(row: Row) -> str:
    words = [
        name for name in ("detected", "localised", "plausible", "correct", "wrong", "tested") if getattr(row, name)
    ]
    return f"{row.name:44}{row.type:14}{row.seconds:7.1f} s{row.cpu:7.1f} s  {' '.join(words)}  {row.note}"


def table(rows: list[Row]) -> str:
    """Return the table as text: one line a type, and the totals that the figures are quoted from."""
    head = ("type", "cases", "detected", "localised", "plausible", "correct", "wrong", "tested", "median s", "cpu s")
    out = ["".join(f"{word:>14}" for word in head)]
    for name in (*TYPES, "all", "none"):
        part = [row for row in rows if row.type == name or (name == "all" and row.type != "none")]
        if part:
            out.append("".join(f"{cell:>14}" for cell in _cells(name, part)))
    tests = sum((row.worth for row in rows), Worth())
    if tests.written:
        out.append(
            f"generated tests: {tests.written}; pass in any order {tests.kept}, kill a mutant {tests.killing}, "
            f"assert something {tests.asserting}"
        )
    won = [row.won for row in rows if row.won is not None]
    if won:
        out.append(f"slow-down won back, median of {len(won)}: {statistics.median(won):.0%}")
    return "\n".join(out)


def _cells(name: str, rows: list[Row]) -> list[str]:
    counts = [sum(getattr(row, field) for row in rows) for field in ("detected", "localised", "plausible", "correct")]
    wrong, tested = sum(row.wrong for row in rows), sum(row.tested for row in rows)
    times = [f"{statistics.median(getattr(row, field) for row in rows):.1f}" for field in ("seconds", "cpu")]
    return [name, str(len(rows)), *map(str, [*counts, wrong, tested]), *times]


if __name__ == "__main__":
    main()
