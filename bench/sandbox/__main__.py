"""Tries every probe and every attack at every level of this machine, and measures what the sandbox costs.

`python -m bench.sandbox [--quick]` prints one table and ends with 0 when the two strongest levels held.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from bench.sandbox import timing
from bench.sandbox.attacks import ATTACKS, Result, attempt, kill_the_bot
from bench.sandbox.levels import make, missing, offered
from bot.adapters.sandbox_probes import probe


def _try_all(level: str) -> list[Result]:
    """Return what came of all probes and attacks at a level."""
    sandbox = make(level)
    results = [Result(each.name, each.blocked, each.seen) for each in probe(sandbox)]
    with tempfile.TemporaryDirectory() as folder:
        results += [attempt(sandbox, attack, Path(folder)) for attack in ATTACKS]
    with tempfile.TemporaryDirectory() as folder:
        results.append(kill_the_bot(sandbox, Path(folder)))
    return results


def _table(levels: dict[str, list[Result]]) -> None:
    print(f"{'':40}" + "".join(f"{level:44}" for level in levels))
    for row in zip(*levels.values(), strict=True):
        cells = (f"{'blocked' if each.contained else 'NOT BLOCKED':12}{each.seen[:30]:32}" for each in row)
        print(f"{row[0].name:40}" + "".join(cells))
    for level, results in levels.items():
        print(f"{level}: {sum(each.contained for each in results)} of {len(results)} blocked")


def _costs(level: str) -> None:
    sandbox = make(level)
    with tempfile.TemporaryDirectory() as folder:
        plain, boxed = timing.start(sandbox, Path(folder))
        print(f"{level}: start {boxed:.1f} ms, /bin/true {plain:.1f} ms, {boxed / plain:.1f} times (at most 15)")
        outside, inside = timing.suite(sandbox, Path(folder))
    spread = max(outside) - min(outside)
    more = statistics.median(inside) - statistics.median(outside)
    print(
        f"{level}: 400 tests outside {statistics.median(outside):.2f} s (spread {spread:.2f}),"
        f" inside {statistics.median(inside):.2f} s, difference {more:+.2f} s"
    )


def main(arguments: list[str]) -> int:
    """Run the benchmark and return 0 when the two strongest levels blocked everything."""
    for reason in missing():
        print(f"NOT MEASURED HERE: {reason}")
    levels = {level: _try_all(level) for level in offered()}
    if not levels:
        print("This machine offers no sandbox at all; `selfheal doctor` says why.")
        return 1
    _table(levels)
    if "--quick" not in arguments:
        for level in levels:
            _costs(level)
    return 0 if all(each.contained for level in list(levels)[:2] for each in levels[level]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
