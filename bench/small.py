"""Everyday bugs: small functions with one fault each. `python -m bench.small [--folder FOLDER] [NAME...]`.

Each file of the folder (default: `bench/everyday`) holds, between lines of `====`: the right code and the wrong code of
one place (empty where the fault is that something is missing), the right program, tests as their author would write
them, and further assertions that judge the repair.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.repairs import Case, Judge, Row, attempt, keep, line, table
from bot.adapters.sandbox import pick
from bot.search import Plausible

HERE = Path(__file__).parent / "everyday"


@dataclass(frozen=True)
class Small:
    """One program: as it should be, as it is, its tests, and what a right repair must hold."""

    name: str
    right: str
    wrong: str
    tests: str
    judged: str


def read(file: Path) -> Small:
    """Return what a file holds; raises ValueError when the right code does not stand in the program once."""
    head, program, tests, judged = file.read_text().split("====\n")
    right, wrong = (part.replace("\\n", "\n") for part in head.removeprefix("right: ").rstrip("\n").split("\nwrong:"))
    wrong = wrong.removeprefix(" ")
    if program.count(right) != 1:
        raise ValueError(f"{file.name}: the right code is there {program.count(right)} times")
    return Small(file.stem, program, program.replace(right, wrong), tests, judged)


def _runs(*parts: str) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", "\n".join(parts)]
        try:
            done = subprocess.run(command, capture_output=True, check=False, timeout=20, cwd=folder)
        except subprocess.TimeoutExpired:
            return False
    return done.returncode == 0


def judge_of(small: Small) -> Judge:
    """Return the judge that runs the further assertions."""

    def judge(patch: Plausible) -> bool | None:
        return _runs(next(iter(patch.edits.values())), small.judged)

    return judge


def solve(small: Small, box: Any, seconds: float) -> Row:
    """Search one program."""
    if not _runs(small.right, small.judged):
        return Row(small.name, note="the right program does not hold what it should")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "program.py").write_text(small.wrong)
        (Path(folder) / "test_program.py").write_text(f"from program import *\n\n{small.tests}")
        return attempt(Case(small.name, Path(folder), ("test_program.py",), judge_of(small)), box, seconds)


def main() -> None:
    """Run the programs and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=HERE)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--json", type=Path, help="a file to keep the rows in")
    given = parser.parse_args()
    box = pick(trust=True)
    rows = []
    for file in sorted(given.folder.glob("*.txt")):
        if given.names and file.stem not in given.names:
            continue
        row = solve(read(file), box, given.seconds)
        print(line(row), file=sys.stderr, flush=True)
        rows.append(row)
        keep(rows, given.json)
    print(table(rows, "Everyday bugs", verbose=given.verbose))


if __name__ == "__main__":
    main()
