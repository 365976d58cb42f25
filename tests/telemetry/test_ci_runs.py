"""CI runs as telemetry: jobs, steps and tests of logs, archives and reports, read by `selfheal telemetry`."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.codebase import of
from bot.commands.program import program
from bot.detectors._reach import Reach
from bot.model import ErrorCount
from bot.telemetry.ci import _untold

LINES = """\
Current runner version: '2.320.0'
##[group]Run actions/checkout@v4
##[endgroup]
##[group]Run pytest --durations=0
##[endgroup]
============================= test session starts ==============================
E       assert 2 == 1
tests/test_a.py:10: AssertionError
============================= slowest durations ================================
2.00s call     tests/test_a.py::test_slow
0.50s setup    tests/test_a.py::test_slow
=========================== short test summary info ============================
FAILED tests/test_a.py::test_slow - assert 2 == 1
1 failed in 2.51s
##[error]Process completed with exit code 1.
""".splitlines()
START = datetime(2026, 11, 20, 10, tzinfo=UTC)


def stamped(first: int, last: int) -> str:
    """Return lines of the log as the runner writes them, a second apart."""
    times = [(START + timedelta(seconds=at)).strftime("%Y-%m-%dT%H:%M:%S.%f0Z") for at in range(first, last)]
    return "".join(f"{time} {line}\n" for time, line in zip(times, LINES[first:last], strict=True))


def telemetry(*paths: Path) -> Any:
    result = CliRunner().invoke(program, ["telemetry", *map(str, paths), "--json", "-"], catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_a_raw_log_gives_steps_tests_and_failures(tmp_path: Path) -> None:
    (tmp_path / "raw.log").write_text("\ufeff" + stamped(0, 15))
    found = telemetry(tmp_path / "raw.log")
    handlers = {
        name: (one["count"], one["avgTime"], one["errorRate"], one["test"]) for name, one in found["handlers"].items()
    }
    assert handlers == {
        "Set up job": (1, 0.0, 0.0, False),
        "actions/checkout@v4": (1, 1000.0, 0.0, False),
        "pytest --durations=0": (1, 11000.0, 1.0, False),
        "tests/test_a.py::test_slow": (1, 2500.0, 1.0, True),
    }
    assert found["verdict"] == "failed"
    assert [one["test_id"] for one in found["failures"]] == ["tests/test_a.py::test_slow"]
    assert found["errors"] == [], "the failing step is told by its test"
    assert found["sequences"]["job"]["count"] == 1


def test_an_archive_of_a_run_gives_each_step_and_test_once(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "run.zip", "w") as archive:
        archive.writestr("0_build.txt", stamped(0, 15))
        archive.writestr("build/1_Set up job.txt", stamped(0, 1))
        archive.writestr("build/3_Run pytest.txt", stamped(3, 15))
    found = telemetry(tmp_path / "run.zip")
    counts = {name: one["count"] for name, one in found["handlers"].items()}
    assert counts == {"build / Set up job": 1, "build / Run pytest": 1, "tests/test_a.py::test_slow": 1}
    assert len(found["failures"]) == 1


def test_reports_give_tests_and_coverage(tmp_path: Path) -> None:
    suite = '<testsuite timestamp="2026-11-20T10:00:00+00:00" tests="2">'
    cases = '<testcase classname="tests.test_a" name="test_slow" time="3"/><testcase name="x" time="z"/></testsuite>'
    (tmp_path / "junit.xml").write_text(suite + cases)
    lines = '<lines><line number="2" hits="1"/></lines>'
    classes = f'<class filename="pkg/a.py" line-rate="0.5">{lines}</class>'
    (tmp_path / "coverage.xml").write_text(f'<coverage line-rate="0.5">{classes}</coverage>')
    (tmp_path / "raw.log").write_text(stamped(0, 15))
    found = telemetry(*(tmp_path / name for name in ("junit.xml", "coverage.xml", "raw.log")))
    slow = found["handlers"]["tests/test_a.py::test_slow"]
    assert (slow["avgTime"], slow["lastSeen"]) == (3000.0, "2026-11-20T10:00:00.000Z")
    assert (found["coverage"], found["executed"]) == ({"pkg/a.py": 0.5}, {"pkg/a.py": [2]})


def test_a_damaged_archive_is_refused_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04 and nothing")
    (tmp_path / "raw.log").write_text(stamped(0, 15))
    assert telemetry(tmp_path / "bad.zip", tmp_path / "raw.log")["dropped"] == {"refused": 1}


@pytest.mark.parametrize(("told", "kept"), [(True, ["ValueError"]), (False, ["StepFailed", "JobFailed", "ValueError"])])
def test_a_failed_step_is_an_error_only_where_nothing_tells_why(told: bool, kept: list[str]) -> None:
    errors = [
        error("build / Run tests", "StepFailed"),
        error("build", "JobFailed"),
        error("docs", "JobFailed"),
        error("pay", "ValueError"),
    ]
    assert [one.exception for one in _untold(errors, told=told)] == kept


def error(handler: str, exception: str) -> ErrorCount:
    return ErrorCount(cause_key=handler, handler=handler, exception=exception, message="", count=1, first=0, last=0)


def test_functions_count_as_reached_by_the_lines_that_a_report_says_ran() -> None:
    text = "def used():\n    return 1\n\n\ndef unused():\n    return 2\n"
    codebase = of({"pkg/a.py": text, "pkg/b.py": "def other():\n    return 1\n", "tests/test_a.py": "other()\n"})
    reach = Reach(codebase, {"pkg/a.py": (1, 2, 5)})
    reached = {
        name: (symbol := reach.function(name)) is not None and reach.covers(symbol)
        for name in ("used", "unused", "other")
    }
    assert reach.measured
    assert reached == {"used": True, "unused": False, "other": True}
