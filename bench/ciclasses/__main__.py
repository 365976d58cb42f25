"""Heals the cases class by class and prints one table."""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.ciclasses.case import Case
from bench.ciclasses.cases import CLASSES

GIT = ("git", "-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "commit.gpgsign=false")


@dataclass(frozen=True)
class Row:
    """What became of one case."""

    klass: str
    name: str
    healed: bool
    wrong: bool
    seconds: float
    note: str
    patch: str = ""


def attempt(case: Case, folder: Path, budget: float) -> Row:
    """Make the repository, heal it with the patch written into it, and look at its files."""
    checkout = folder / f"{case.klass}-{case.name}"
    for name, text in case.files.items():
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text(text, encoding="utf-8")
    for command in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", "All of it")):
        subprocess.run([*GIT, *command], cwd=checkout, check=True, capture_output=True)
    target = folder / f"{checkout.name}.json"
    more: list[str] = []
    log = _built(checkout) if case.builds else case.log
    if log:
        (folder / f"{checkout.name}.log").write_text(log, encoding="utf-8")
        more = ["--log", str(folder / f"{checkout.name}.log")]
    command = [sys.executable, "-m", "bot", "heal", str(checkout), "--apply", "--trust-code", "--budget", str(budget)]
    began = time.monotonic()
    done = subprocess.run(
        [*command, "--json", str(target), *more], capture_output=True, text=True, check=False, timeout=budget * 4
    )
    took = time.monotonic() - began
    if case.offered:
        _apply_offered(target, checkout)
    says = all(text.lower() in _text(checkout / name).lower() for name, text in case.says.items())
    lacks = all(text not in _text(checkout / name) for name, text in case.lacks.items())
    right = (done.returncode == 0 or case.offered) and says and lacks
    told = [line for line in done.stderr.splitlines() if line.startswith(("no fix", "left", "Healthy", "selfheal:"))]
    status = json.loads(target.read_text(encoding="utf-8")).get("status", "") if target.is_file() else "error"
    note = "" if right else f"{status}: {'; '.join(told)[:220]}"
    wrong = done.returncode == 0 and bool(done.stdout) and not (says and lacks)
    return Row(case.klass, case.name, right, wrong, took, note, done.stdout)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _built(checkout: Path) -> str:
    """Return what building the project says, as the log of a job that installs it would."""
    command = [
        sys.executable,
        "-m",
        "uv",
        "build",
        "--wheel",
        "--out-dir",
        str(checkout.parent / f"{checkout.name}-dist"),
    ]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    ended = f"##[error]Process completed with exit code {done.returncode}."
    return f"$ uv build --wheel\n{done.stdout}{done.stderr}\n{ended}\n"


def _apply_offered(report: Path, checkout: Path) -> None:
    """Apply the patches of workflows: only the forge can run them, so they are offered and not applied."""
    fixes = json.loads(report.read_text(encoding="utf-8"))["fixes"] if report.is_file() else []
    for fix in fixes:
        if fix["files"] and all(name.startswith(".github/") for name in fix["files"]):
            text = fix["patch"].encode()
            subprocess.run([*GIT, "apply", "-"], cwd=checkout, input=text, check=False, capture_output=True)


def table(rows: list[Row]) -> str:
    """Return the table as text."""
    out = [f"{'class':22}{'cases':>7}{'healed':>8}{'wrong':>7}{'median s':>10}"]
    for klass in dict.fromkeys([*(row.klass for row in rows), "all"]):
        part = [row for row in rows if klass in (row.klass, "all")]
        healed, wrong = sum(row.healed for row in part), sum(row.wrong for row in part)
        median = statistics.median(row.seconds for row in part) if part else 0.0
        out.append(f"{klass:22}{len(part):7}{healed:8}{wrong:7}{median:10.1f}")
    return "\n".join(out)


def main() -> None:
    """Run the benchmark as the arguments say."""
    parser = argparse.ArgumentParser(prog="python -m bench.ciclasses", description=__doc__)
    parser.add_argument("--class", dest="classes", action="append", choices=sorted(CLASSES))
    parser.add_argument("--case", dest="names", action="append", metavar="NAME", help="only the cases of this name")
    parser.add_argument("--sample", type=int, default=99, metavar="N", help="at most so many cases of each class")
    parser.add_argument("--budget", type=float, default=120.0, metavar="SECONDS")
    parser.add_argument("--folder", help="where the repositories are made and kept")
    parser.add_argument("--results", help="a file that gets one line of JSON a case; cases that it holds are not run")
    asked = parser.parse_args()
    results = Path(asked.results) if asked.results else None
    rows = _known(results)
    seen = {(row.klass, row.name) for row in rows}
    with tempfile.TemporaryDirectory(prefix="selfheal-ci-") as scratch:
        folder = Path(asked.folder or scratch)
        for case in _asked(asked.classes or list(CLASSES), asked.sample):
            if (case.klass, case.name) not in seen and (not asked.names or case.name in asked.names):
                rows.append(attempt(case, folder, asked.budget))
                _tell(rows[-1], results)
    print(table(rows))


def _known(results: Path | None) -> list[Row]:
    """Return the rows that an earlier run left."""
    lines = _text(results).splitlines() if results else []
    return [Row(**json.loads(line)) for line in lines]


def _asked(classes: list[str], sample: int) -> Iterator[Case]:
    for klass in classes:
        yield from itertools.islice(CLASSES[klass](), sample)


def _tell(row: Row, results: Path | None) -> None:
    """Print one row, and keep it where the results go."""
    verdict = "healed" if row.healed else "wrong" if row.wrong else "left"
    print(f"{row.klass:20}{row.name:12}{verdict:8}{row.seconds:7.1f} s  {row.note}", flush=True)
    if results:
        with results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(row)) + "\n")


if __name__ == "__main__":
    main()
