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
from dataclasses import asdict
from pathlib import Path

from bench.faults import KINDS, TEST, TRAIN, fetch
from bench.heal.cases import Case, Workshop
from bench.heal.judge import Row, judged, remember
from bench.heal.suite import environment

TYPES = ("error", "performance", "behavioral", "coverage", "state", "dependency", "documentation")
HEALTHY = 5  # every fifth case holds no fault


def main() -> None:
    """Run the benchmark as the arguments say."""
    asked = _arguments()
    folder = Path(asked.folder or tempfile.gettempdir()) / "selfheal-healbench"
    folder.mkdir(parents=True, exist_ok=True)
    made = environment(folder)
    rows = []
    for case in _cases(asked, folder, made):
        row = judged(case, made, asked.budget)
        rows.append(row)
        print(_line(row), flush=True)
        if asked.out:
            with Path(asked.out).open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(asdict(row)) + "\n")
        if not asked.keep:
            shutil.rmtree(case.checkout, ignore_errors=True)
    print(table(rows))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.heal", description=__doc__)
    parser.add_argument("--library", action="append", metavar="NAME", help=f"default: {', '.join((*TRAIN, *TEST))}")
    parser.add_argument("--kind", action="append", choices=sorted({*KINDS, *TYPES}), help="kinds or types of faults")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sample", type=int, default=130, metavar="N", help="how many cases in all")
    parser.add_argument("--budget", type=float, default=120.0, metavar="SECONDS", help="for each case")
    parser.add_argument("--folder", help="where libraries and checkouts lie (default: the temporary folder)")
    parser.add_argument("--out", help="a file for one JSON line a case")
    parser.add_argument("--keep", action="store_true", help="keep the checkouts")
    return parser.parse_args()


def _cases(asked: argparse.Namespace, folder: Path, made: Path) -> Iterator[Case]:
    """Yield cases: the types in turn, spread over the libraries, every fifth without a fault."""
    chance = random.Random(asked.seed)
    names = list(asked.library or (*TRAIN, *TEST))
    chance.shuffle(names)
    shops: dict[str, Workshop | None] = {}
    by_type = {kind: [name for name, of in KINDS.items() if of == kind] for kind in TYPES}
    wanted = [t for t in TYPES if not asked.kind or t in asked.kind or set(by_type[t]) & set(asked.kind)]
    made_cases = turn = misses = 0
    used: set[tuple[str, str]] = set()
    while made_cases < asked.sample and misses < 60:
        if made_cases % HEALTHY == HEALTHY - 1 and not asked.kind:
            shop = _shop(names[made_cases % len(names)], asked, folder, made, shops)
            if shop is not None:
                yield shop.healthy(made_cases)
            made_cases += 1
            continue
        of = wanted[turn % len(wanted)]
        turn += 1
        kinds = [kind for kind in by_type[of] if not asked.kind or of in asked.kind or kind in asked.kind]
        found = _one(
            chance.sample(kinds, len(kinds)), chance.sample(names, len(names)), used, asked, folder, made, shops
        )
        misses = 0 if found else misses + 1
        if found:
            made_cases += 1
            yield found


def _one(kinds, names, used, asked, folder, made, shops):  # type: ignore[no-untyped-def]
    for name in names:
        for kind in kinds:
            if (name, kind) in used:
                continue
            used.add((name, kind))
            shop = _shop(name, asked, folder, made, shops)
            found = next(shop.faulty(kind), None) if shop else None
            if found is not None:
                return found
    return None


def _shop(name, asked, folder, made, shops):  # type: ignore[no-untyped-def]
    if name not in shops:
        try:
            shops[name] = Workshop(fetch(name, folder), made, folder / "cases", asked.seed)
            remember(shops[name].base, shops[name].known)
        except RuntimeError as error:
            print(f"left out: {error}", file=sys.stderr)
            shops[name] = None
    return shops[name]


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
