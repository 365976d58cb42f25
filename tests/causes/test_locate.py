"""From an anomaly to a place: each type finds its line, and says what that rests on."""

from __future__ import annotations

from bot.causes.impact import assess
from bot.causes.locate import diagnose_failure, diagnose_flow, diagnose_gap, diagnose_slow, refuted
from bot.codebase import Codebase, Spectrum, of
from bot.detectors import dependency
from bot.detectors._seen import Seen
from bot.model import CodebaseInfo, Frame
from tests import make

FILES = {
    "pkg/__init__.py": "",
    "pkg/a.py": "def good(x):\n    return x\n\n\ndef bad(x):\n    y = x - 1\n    return y\n",
    "pkg/flow.py": "from pkg.a import bad, good\n\n\ndef run(x):\n    good(x)\n    bad(x)\n    return x\n",
    "pkg/slow.py": "def look(xs):\n    seen = []\n    for x in xs:\n        if x in seen:\n            continue\n",
    "tests/test_a.py": "from pkg.a import bad, good\n\n\ndef test_bad():\n    assert bad(1) == 1\n",
}
SPECTRUM = Spectrum(
    coverage={
        "tests/test_a.py::test_bad": {"pkg/a.py": (6, 7), "tests/test_a.py": (5,)},
        "tests/test_a.py::test_good": {"pkg/a.py": (2, 7)},
    },
    outcomes={"tests/test_a.py::test_bad": "failed", "tests/test_a.py::test_good": "passed"},
)


def codebase(*, spectrum: Spectrum | None = SPECTRUM, good: dict[str, str] | None = None) -> Codebase:
    info = CodebaseInfo(repository="o/n", checkout="", tree="", digest="", good="abc" if good else "")
    return Codebase(info, FILES, good, spectrum)


def failing(**over: object) -> object:
    return make.anomaly(failures=(make.failure(test_id="tests/test_a.py::test_bad", **over),))


def test_a_failing_test_is_located_by_coverage() -> None:
    found = diagnose_failure(failing(), codebase())
    assert (found.file, found.function, found.line) == ("pkg/a.py", "bad", 6)
    assert "coverage by test (Ochiai)" in found.rests_on
    assert found.failing_tests == ("tests/test_a.py::test_bad",)


def test_code_that_a_test_makes_of_text_is_located_by_coverage_and_a_broken_file_is_not() -> None:
    for end, wanted in (("<string>", ("pkg/a.py", 6)), ("tests/test_a.py", ("tests/test_a.py", 5))):
        frames = (Frame(file="tests/test_a.py", line=5), Frame(file=end, line=1 if end[0] == "<" else 5))
        failure = make.failure(test_id="tests/test_a.py::test_bad", frames=frames, **{"class": "syntax-error"})
        anomaly = make.anomaly(metrics={"class": "syntax-error"}, failures=(failure,))
        found = diagnose_failure(anomaly, codebase())
        assert (found.file, found.line) == wanted


def test_without_coverage_the_traceback_decides_and_tests_come_last() -> None:
    frames = (Frame(file="tests/test_a.py", line=5), Frame(file="pkg/a.py", line=7), Frame(file="x.py", line=1))
    found = diagnose_failure(failing(frames=frames), codebase(spectrum=None))
    assert (found.file, found.line) == ("pkg/a.py", 7)
    assert found.suspects[1].file == "tests/test_a.py"


def test_a_finding_is_located_where_its_tool_points() -> None:
    failure = make.failure(**{"class": "lint"}, tool="ruff", file="pkg/a.py", line=6, test_id=None)
    anomaly = make.anomaly(metrics={"class": "lint", "tool": "ruff"}, failures=(failure,))
    found = diagnose_failure(anomaly, codebase())
    assert (found.file, found.function, found.line, found.pattern) == ("pkg/a.py", "bad", 6, "lint")


def test_a_cause_outside_the_tree_has_no_place() -> None:
    failure = make.failure(**{"class": "missing-dependency"}, file=None, line=None, test_id=None)
    found = diagnose_failure(make.anomaly(metrics={"class": "missing-dependency"}, failures=(failure,)), codebase())
    assert (found.file, found.suspects) == ("", ())


def test_a_state_anomaly_is_located_by_its_metrics() -> None:
    metrics = {"pattern": "mutable-default", "file": "pkg/a.py", "line": 5}
    found = diagnose_failure(make.anomaly(type="state", metrics=metrics, failures=()), codebase())
    assert (found.line, found.pattern) == (5, "mutable-default")


def test_a_slow_handler_is_located_with_its_pattern() -> None:
    anomaly = make.anomaly(type="performance", handler="pkg.slow.look", metrics={}, failures=())
    found = diagnose_slow(anomaly, codebase())
    assert (found.file, found.line, found.pattern) == ("pkg/slow.py", 4, "quadratic-membership")


def test_a_slow_handler_without_a_pattern_is_said_to_be_slow() -> None:
    found = diagnose_slow(make.anomaly(type="performance", handler="good", metrics={}, failures=()), codebase())
    assert (found.file, found.pattern) == ("pkg/a.py", "slow")
    assert found.affected_tests == ("tests/test_a.py::test_good",)


def test_a_handler_that_is_nowhere_has_no_place() -> None:
    found = diagnose_slow(make.anomaly(type="performance", handler="nowhere", metrics={}, failures=()), codebase())
    assert (found.file, found.line, found.pattern) == ("", 0, "slow")


def test_a_wrong_order_is_located_in_the_caller() -> None:
    metrics = {"expected": ["bad", "good"], "first_divergence": "good before bad"}
    found = diagnose_flow(make.anomaly(type="behavioral", sequence="s", metrics=metrics, failures=()), codebase())
    assert (found.file, found.function) == ("pkg/flow.py", "run")
    assert found.rests_on[0] == "first divergence: good before bad"


def test_a_coverage_gap_is_the_function_with_its_recorded_calls() -> None:
    metrics = {"calls": [{"handler": "good", "args": "[1]", "result": "1"}]}
    found = diagnose_gap(make.anomaly(type="coverage", handler="good", metrics=metrics, failures=()), codebase())
    assert (found.file, found.pattern) == ("pkg/a.py", "untested")
    assert found.calls[0].result == "1"


def test_a_gap_is_none_where_a_test_was_seen_to_run_the_function() -> None:
    gap = {"pattern": "untested", "file": "pkg/a.py", "function": "bad"}
    assert refuted(make.anomaly(type="coverage", metrics=gap), codebase())
    assert not refuted(make.anomaly(type="coverage", metrics=gap), codebase(spectrum=None))
    assert not refuted(make.anomaly(type="coverage", metrics={**gap, "file": "pkg/slow.py"}), codebase())


def test_stale_documentation_is_located_where_it_stands() -> None:
    metrics = {"file": "pkg/a.py", "line": 1, "pattern": "docstring"}
    found = diagnose_gap(make.anomaly(type="documentation", metrics=metrics, failures=()), codebase())
    assert (found.line, found.pattern) == (1, "docstring")


def test_what_many_use_matters_more() -> None:
    base = codebase()
    used = assess(diagnose_failure(failing(), base), failing(), base)
    found = make.diagnosis(file="pkg/slow.py", anomaly_id="a1b2c3d4", confidence=used.diagnosis.confidence)
    unused = assess(found, failing(), base)
    assert used.users == ("pkg/flow.py", "tests/test_a.py")
    assert used.impact > unused.impact
    assert 0 < unused.benefit <= unused.impact <= 1


def test_an_in_memory_codebase_is_enough() -> None:
    assert diagnose_slow(make.anomaly(type="performance", handler="look", failures=()), of(FILES)).line == 4


def test_an_order_brings_the_calls_of_its_caller_or_of_the_step_that_is_handed_the_same() -> None:
    metrics = {"expected": ["good", "bad"], "pattern": "swapped", "script": ["swapped good and bad"]}
    handed = make.anomaly(
        type="behavioral", failures=(), metrics={**metrics, "calls": [{"handler": "good", "args": "[1]"}]}
    )
    assert [call.args for call in diagnose_flow(handed, codebase()).calls] == ["[1]"]
    own = [{"handler": "flow.run", "args": "[2]"}, {"handler": "good", "args": "[1]"}]
    called = handed.model_copy(update={"metrics": {**metrics, "calls": own}})
    assert [call.args for call in diagnose_flow(called, codebase()).calls] == ["[2]"]
    unknown = handed.model_copy(update={"metrics": {**metrics, "calls": [{"handler": "other", "args": "[1]"}]}})
    assert diagnose_flow(unknown, codebase()).calls == ()


def test_recorded_state_is_located_in_its_handler() -> None:
    recorded = make.anomaly(
        type="state", handler="bad", failures=(), metrics={"pattern": "invariant", "field": "y > 0"}
    )
    found = diagnose_failure(recorded, codebase())
    assert (found.file, found.function, found.details["field"]) == ("pkg/a.py", "bad", "y > 0")


def test_a_requirement_that_is_read_and_not_run_tells_what_it_is() -> None:
    files = {"requirements.txt": "delta==2.0\n"}
    found = of(files, packages={"delta": "2.0"}, withdrawn={"delta": "breaks on import"})
    (anomaly,) = dependency.detect(Seen(codebase=found))
    diagnosis = diagnose_failure(anomaly, found)
    assert (diagnosis.file, diagnosis.line, diagnosis.pattern) == ("requirements.txt", 1, "withdrawn-release")
    assert [diagnosis.details[key] for key in ("what", "version", "reason")] == ["delta", "2.0", "breaks on import"]
