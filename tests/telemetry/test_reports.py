"""The report of a check that we ran, and what its output shows, as failures: each test once, each cause one key."""

import msgspec
import pytest

from bot.model import Failure
from bot.telemetry.reports import CaseError, CheckReport, decoded, encoded, failures_of, result_of
from tests import make

TEST = "tests/test_a.py::test_x"


def report(**over: object) -> CheckReport:
    fields: dict[str, object] = {
        "name": "pytest",
        "kind": "test",
        "tool": "pytest",
        "command": "python -m pytest",
        "exit_code": 1,
        "seconds": 1.5,
        "digest": "d",
        "sandbox": "bubblewrap",
        "log": "pytest.log",
    }
    return CheckReport(**{**fields, **over})  # type: ignore[arg-type]


def error(exception: str = "ValueError", message: str = "bad 1", line: int = 4) -> CaseError:
    frames = (("tests/test_a.py", 3, "test_x", True), ("pkg/a.py", line, "f", True), ("lib/b.py", 9, "g", False))
    return CaseError(exception, message, "pkg/a.py", line, frames)


def test_a_report_survives_json_and_becomes_a_result() -> None:
    made = report(outcomes={TEST: "failed"}, errors={TEST: error()})
    assert decoded(encoded(made)) == made
    assert result_of(made).outcomes == {TEST: "failed"}
    with pytest.raises(msgspec.MsgspecError):
        decoded(b"{}")


def test_the_report_alone_tells_each_failing_test() -> None:
    outcomes = {TEST: "failed", "tests/test_a.py::test_y": "error", "tests/test_a.py::test_z": "passed"}
    found = failures_of(report(outcomes=outcomes, errors={TEST: error()}), ())
    assert [(one.test_id, one.klass, one.exception, one.line) for one in found] == [
        (TEST, "test-failure", "ValueError", 4),
        ("tests/test_a.py::test_y", "test-failure", None, None),
    ]
    assert found[0].root_line == "ValueError: bad 1"
    assert found[1].file == "tests/test_a.py"


def test_the_output_adds_its_line_and_the_report_its_frames() -> None:
    shown = make.failure(test_id=TEST, exception=None, root_line="E   ValueError: bad 1", line=None)
    found = failures_of(report(outcomes={TEST: "failed"}, errors={TEST: error()}), [shown])
    assert len(found) == 1
    assert (found[0].root_line, found[0].exception, found[0].line) == ("E   ValueError: bad 1", "ValueError", 4)
    assert [frame.file for frame in found[0].frames] == ["tests/test_a.py", "pkg/a.py", "lib/b.py"]


def test_a_test_that_passed_has_not_failed_whatever_the_output_says() -> None:
    shown = [make.failure(test_id="tests/test_a.py::test_z", cause_key="z")]
    outcomes = {TEST: "failed", "tests/test_a.py::test_z": "passed"}
    found = failures_of(report(outcomes=outcomes, errors={TEST: error()}), shown)
    assert [one.test_id for one in found] == [TEST]


def test_failures_without_a_test_are_kept_unless_a_test_tells_them() -> None:
    conflict = make.failure(**{"class": "coverage", "test_id": None, "cause_key": "c", "root_line": "too little"})
    crash = make.failure(**{"class": "crash", "test_id": None, "cause_key": "k", "root_line": "Segmentation fault"})
    outcomes = {TEST: "failed"}
    whole = report(outcomes=outcomes, errors={TEST: error()}, complete=True)
    assert [one.klass for one in failures_of(whole, [conflict, crash])] == ["test-failure", "coverage"]
    part = msgspec.structs.replace(whole, complete=False)
    assert [one.klass for one in failures_of(part, [conflict, crash])] == ["test-failure", "coverage", "crash"]


def test_one_line_of_the_project_is_one_cause_and_two_lines_are_two() -> None:
    outcomes = {f"tests/test_a.py::test_{n}": "failed" for n in range(3)}
    errors = {
        "tests/test_a.py::test_0": error(message="no left"),
        "tests/test_a.py::test_1": error(message="no right"),
        "tests/test_a.py::test_2": error(message="no middle", line=8),
    }
    keys = [one.cause_key for one in failures_of(report(outcomes=outcomes, errors=errors), ())]
    assert keys[0] == keys[1] != keys[2]


def test_a_module_of_the_project_that_is_missing_is_no_dependency() -> None:
    errors = {"tests/test_a.py": error("ModuleNotFoundError", "No module named 'shop'")}
    made = report(outcomes={"tests/test_a.py": "error"}, errors=errors)
    assert failures_of(made, (), own={"shop"})[0].klass == "import-error"
    assert failures_of(made, ())[0].klass == "missing-dependency"


@pytest.mark.parametrize(
    ("over", "klass", "said"),
    [
        ({"exit_code": None, "stopped": "time"}, "timeout", "was stopped (time)"),
        ({"exit_code": None}, "timeout", "was stopped (limit)"),
        ({"exit_code": 3}, "crash", "ended with 3"),
        ({"exit_code": 1, "kind": "lint", "tool": "ruff"}, "lint", "ended with 1"),
    ],
)
def test_a_check_that_says_nothing_is_still_a_failure(over: dict[str, object], klass: str, said: str) -> None:
    found = failures_of(report(**over), ())
    assert [(one.klass, one.message) for one in found] == [(klass, f"python -m pytest {said}")]


def test_a_check_that_passed_has_no_failure() -> None:
    assert failures_of(report(exit_code=0, outcomes={TEST: "passed"}), ()) == ()
    assert failures_of(report(exit_code=0, kind="lint"), ()) == ()


def test_the_test_that_hangs_or_kills_the_run_is_named() -> None:
    hanging = failures_of(report(exit_code=None, stopped="time", unfinished=(TEST,), complete=False), ())
    assert [(one.klass, one.test_id) for one in hanging] == [("timeout", TEST)]
    killing = failures_of(report(exit_code=-11, unfinished=(TEST,), complete=False), ())
    assert [(one.klass, one.test_id) for one in killing] == [("crash", TEST)]


def test_other_failures_of_the_output_stay_when_there_is_no_report_of_tests() -> None:
    shown: list[Failure] = [make.failure(**{"class": "lint", "test_id": None})]
    assert failures_of(report(kind="lint"), shown) == tuple(shown)
