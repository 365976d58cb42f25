"""Runs a library's own tests: to see what a fault breaks, to record telemetry, to judge a patch."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as Xml
from dataclasses import dataclass
from pathlib import Path

NEEDS = ("pytest", "hypothesis", "freezegun", "python-dateutil", "pytz", "tzlocal", "tzdata", "pytest-mock", "mock",
         "pytest-cov", "packaging", "setuptools<80", "typing-extensions", "PyYAML")  # fmt: skip
FILES = "test_*.py *_test.py tests.py test.py"
SECONDS = 120


@dataclass(frozen=True)
class Outcome:
    """One run: the outcome of each test, and whether the run came to its end."""

    tests: dict[str, str]
    complete: bool
    output: str = ""
    seconds: float = 0.0

    @property
    def failed(self) -> set[str]:
        """Return the tests that failed."""
        return {name for name, outcome in self.tests.items() if outcome == "failed"}

    @property
    def passed(self) -> set[str]:
        """Return the tests that passed."""
        return {name for name, outcome in self.tests.items() if outcome == "passed"}


def environment(folder: Path) -> Path:
    """Return a virtual environment with what the libraries' tests need, made in `folder` unless it is there."""
    made = folder / "environment"
    if not (made / "ready").is_file():
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "-q", "--clear", "--python", sys.executable, str(made)], check=True)
        install = [*uv, "pip", "install", "-q", "--python", str(made / "bin" / "python")]
        subprocess.run([*install, *NEEDS], check=True)
        (made / "ready").touch()
    return made


def run(
    tree: Path,
    made: Path,
    *,
    watch: Path | None = None,
    only: tuple[str, ...] = (),
    plugin: str = "",
    seconds: float = SECONDS,
) -> Outcome:
    """Run pytest in a tree, with the plugin that writes telemetry to `watch` when given, or another one of ours."""
    report = tree.parent / f"{tree.name}.xml"
    report.unlink(missing_ok=True)
    roots = [str(tree), *([str(tree / "src")] if (tree / "src").is_dir() else [])]
    plugins = [part for name in ("watch" if watch else "", plugin) if name for part in ("-p", name)]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([*roots, str(Path(__file__).parent)]),
               "PYTHONDONTWRITEBYTECODE": "1", "WATCH_ROOT": str(tree), "WATCH_FILE": str(watch or "")}  # fmt: skip
    command = [str(made / "bin" / "python"), "-m", "pytest", "-q", "-p", "no:cacheprovider",
               "-o", "addopts=", "-o", "filterwarnings=",
               *(() if only else ("-o", f"python_files={FILES}")), f"--junitxml={report}", *plugins, *only]  # fmt: skip
    start = time.monotonic()
    try:
        done = subprocess.run(
            command, cwd=tree, env=environ, capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return Outcome({}, False, "timeout")
    complete = report.is_file() and done.returncode in (0, 1)
    return Outcome(_read(report), complete, done.stdout[-2000:], time.monotonic() - start)


def _read(report: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for case in Xml.parse(report).iter("testcase") if report.is_file() else ():
        bad = case.find("failure") is not None or case.find("error") is not None
        name = f"{case.get('classname')}::{case.get('name')}"
        found[name] = "failed" if bad else "skipped" if case.find("skipped") is not None else "passed"
    return found
