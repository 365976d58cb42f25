"""QuixBugs: 40 small programs with one faulty line each. `python -m bench.quixbugs CHECKOUT [NAME...]`.

CHECKOUT is a clone of github.com/jkoppel/QuixBugs. A patch counts as right when it agrees with the official fix on 200
generated inputs. Anchor: ChatGPT with hints 31 of 40 (Sobania et al. 2023, arXiv 2301.08653).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.quixbugs_inputs import INPUTS
from bench.repairs import Case, Judge, attempt, keep, line, table
from bot.adapters.sandbox import pick
from bot.search import Plausible


def judge_of(checkout: Path, name: str) -> Judge:
    """Return the judge of one program."""

    def judge(patch: Plausible) -> bool | None:
        with tempfile.NamedTemporaryFile("w", suffix=".py", delete=False) as repaired:
            repaired.write(next(iter(patch.edits.values())))
        official = checkout / "correct_python_programs" / f"{name}.py"
        command = ["-m", "bench.quixbugs_judge", name, repaired.name, str(official), str(checkout / "python_programs")]
        done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)
        Path(repaired.name).unlink()
        if done.returncode:
            return None
        answer = json.loads(done.stdout)
        return bool(answer["compared"]) and not answer["differ"]

    return judge


def main() -> None:
    """Run the programs and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--json", type=Path, help="a file to keep the rows in")
    given = parser.parse_args()
    box = pick(trust=True)
    rows = []
    for name in given.names or sorted(INPUTS):
        arguments = (f"python_testcases/test_{name}.py",)
        row = attempt(Case(name, given.checkout, arguments, judge_of(given.checkout, name)), box, given.seconds)
        print(line(row), file=sys.stderr, flush=True)
        rows.append(row)
        keep(rows, given.json)
    print(table(rows, "QuixBugs", verbose=given.verbose))


if __name__ == "__main__":
    main()
