"""HumanEvalFix for Python: 164 functions with one fault each. `python -m bench.humanevalfix CHECKOUT [ID...]`.

CHECKOUT is a clone of github.com/bigcode-project/octopack. By default the search sees the tests that judge, as an agent
with a shell would; with `--examples` it sees only the examples of the docstring and the hidden tests judge. Anchors:
GPT-4 without tests 47.0, OctoCoder 30.4 pass@1 (Muennighoff et al. 2023, arXiv 2308.07124).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.repairs import Case, Judge, Row, attempt, keep, kept, line, table
from bot.adapters.sandbox import pick
from bot.search import Plausible

DATA = "evaluation/create/humaneval-x/data/python/data/humanevalpack.jsonl"


def judge_of(task: dict[str, Any]) -> Judge:
    """Return the judge that runs the hidden tests."""

    def judge(patch: Plausible) -> bool | None:
        program = next(iter(patch.edits.values())) + "\n" + task["test"] + "\n"
        try:
            done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False, timeout=20)
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0

    return judge


def write(task: dict[str, Any], folder: Path, *, examples: bool) -> None:
    """Write the faulty function and a test module for it."""
    (folder / "solution.py").write_text(task["declaration"] + task["buggy_solution"])
    shown = task["example_test"] if examples else task["test"]
    name = task["entry_point"]
    body = shown.rstrip().removesuffix(f"check({name})")
    (folder / "test_solution.py").write_text(
        f"from solution import *\nfrom solution import {name}\n\n{body}\n\ndef test_it():\n    check({name})\n"
    )


def name_of(task: dict[str, Any]) -> str:
    """Return a task's number and the kind of its fault."""
    return f"{task['task_id'].partition('/')[2]} {task['bug_type']}"


def solve(task: dict[str, Any], box: Any, given: argparse.Namespace) -> Row:
    """Search one task."""
    with tempfile.TemporaryDirectory() as folder:
        write(task, Path(folder), examples=given.examples)
        case = Case(name_of(task), Path(folder), ("test_solution.py",), judge_of(task))
        return attempt(case, box, given.seconds)


def main() -> None:
    """Run the tasks and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("ids", nargs="*", help="numbers, or even, odd")
    parser.add_argument("--examples", action="store_true")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--json", type=Path, help="a file to keep the rows in; those in it are not made again")
    given = parser.parse_args()
    tasks = [json.loads(line) for line in (given.checkout / DATA).read_text().splitlines()]
    wanted = set(given.ids)
    chosen = [
        task
        for at, task in enumerate(tasks)
        if not wanted or str(at) in wanted or ("odd" if at % 2 else "even") in wanted
    ]
    box = pick(trust=True)
    rows = kept(given.json)
    known = {row.name for row in rows}
    for task in (task for task in chosen if name_of(task) not in known):
        row = solve(task, box, given)
        print(line(row), file=sys.stderr, flush=True)
        rows.append(row)
        keep(rows, given.json)
    title = "HumanEvalFix, examples only" if given.examples else "HumanEvalFix"
    print(table(rows, title, verbose=given.verbose))


if __name__ == "__main__":
    main()
