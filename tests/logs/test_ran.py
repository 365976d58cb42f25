"""Which tests ran, from the reports and logs of real tools; and a report's word against the log of the same run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.logs import diagnose
from bot.logs.intake import read
from bot.logs.project import Project
from bot.logs.ran import tests_in as told_by
from bot.telemetry.tests import as_handlers

SUITE = """
import time
import pytest

def test_good():
    time.sleep(0.02)

class TestMore:
    @pytest.mark.parametrize("n", [1, 2])
    def test_n(self, n):
        assert n == 1

@pytest.mark.skip
def test_skipped(): pass
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    (folder / "test_it.py").write_text(SUITE)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--junitxml=junit.xml",
        "--durations=0",
        "-vv",
        "-p",
        "no:cacheprovider",
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    (folder / "log.txt").write_text(done.stdout)
    return folder


def ran(path: Path) -> dict[str, tuple[float, bool]]:
    (member,) = read([(path.name, path)]).members
    return {one.test: (one.took, one.failed) for one in told_by(member, Project())}


def test_junit_and_durations_of_one_run_tell_the_same_tests(run: Path) -> None:
    reported, logged = ran(run / "junit.xml"), ran(run / "log.txt")
    assert {test: failed for test, (_, failed) in reported.items()} == {
        "test_it.py::test_good": False,
        "test_it.py::TestMore::test_n[1]": False,
        "test_it.py::TestMore::test_n[2]": True,
    }
    assert 20 <= reported["test_it.py::test_good"][0] < 2000
    assert logged["test_it.py::test_good"][0] == pytest.approx(reported["test_it.py::test_good"][0], abs=15)
    assert {test for test, (_, failed) in logged.items() if failed} <= {"test_it.py::TestMore::test_n[2]"}


def test_a_json_report_tells_tests_with_all_their_phases(tmp_path: Path) -> None:
    phases = {"setup": {"duration": 0.1}, "call": {"duration": 0.2}, "teardown": {"duration": 0.3}}
    tests = [{"nodeid": "t.py::a", "outcome": "failed", **phases}, {"nodeid": "t.py::b", "outcome": "skipped"}]
    report = {"created": 1795187607.1, "exitcode": 1, "summary": {"failed": 1}, "tests": tests}
    (tmp_path / "r.json").write_text(json.dumps(report))
    assert ran(tmp_path / "r.json") == {"t.py::a": (pytest.approx(600), True)}
    (member,) = read([("r", tmp_path / "r.json")]).members
    (handler,) = as_handlers([*told_by(member, Project())] * 2).values()
    assert (handler.count, handler.errorRate, handler.test) == (2, 1.0, True)
    assert handler.lastSeen.startswith("2026-11-2")


def test_other_reports_tell_no_tests(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text("[]")
    (tmp_path / "x.xml").write_text("<coverage/>")
    assert ran(tmp_path / "r.json") == ran(tmp_path / "x.xml") == {}


def test_what_the_log_shows_of_a_test_that_passed_by_the_report_of_the_same_run_is_no_failure(
    run: Path, tmp_path: Path
) -> None:
    quoted = "FAILED test_it.py::test_good - assert the plugin says so\n"
    log = tmp_path / "log.txt"
    log.write_text((run / "log.txt").read_text().replace("FAILED test_it", quoted + "FAILED test_it", 1))
    alone = {one.test_id for one in diagnose([("log", log)]).failures}
    assert "test_it.py::test_good" in alone
    (one,) = diagnose([("log", log), ("junit.xml", run / "junit.xml")]).failures
    assert (one.test_id, one.log) == ("test_it.py::TestMore::test_n[2]", "log")


def test_a_report_of_another_run_takes_nothing_away(run: Path, tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_text((run / "log.txt").read_text())
    other = '<testsuite tests="2"><testcase classname="test_it.TestMore" name="test_n[2]" time="1"/></testsuite>'
    (tmp_path / "junit.xml").write_text(other)
    found = diagnose([("log", tmp_path / "log.txt"), ("junit", tmp_path / "junit.xml")])
    assert [one.test_id for one in found.failures] == ["test_it.py::TestMore::test_n[2]"]


def test_a_report_nested_too_deep_tells_what_stands_before(tmp_path: Path) -> None:
    case = '<testcase classname="t" name="test_a" time="1"/>'
    (tmp_path / "deep.xml").write_text(f"<testsuite>{case}{'<a>' * 2_000}")
    assert set(ran(tmp_path / "deep.xml")) == {"t.py::test_a"}
    assert diagnose([("deep.xml", tmp_path / "deep.xml")]).verdict == "passed"
