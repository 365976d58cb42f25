"""Sequence 3: every handler in the normal case, at the edge, and in error."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.adapters.environments import UvEnvironments
from bot.adapters.git import GitSource
from bot.adapters.memory import MemoryStore
from bot.adapters.sandbox import pick
from bot.app import Silent, environments_folder
from bot.codebase import Codebase, of
from bot.errors import Misconfigured
from bot.model import (
    AnalysisRequest,
    Anomaly,
    AnomalySet,
    AssessedDiagnosis,
    Diagnosis,
    DiagnosisSet,
    FixRecommendation,
    Known,
    Stored,
    StrategyRecord,
)
from bot.policy import RepoPolicy
from bot.stages import diagnosis as stage
from tests import make
from tests.e2e import repos

FILES = {"pkg/a.py": "def f(a, b):\n    return a < b\n", "pkg/b.py": "import pkg.a\n"}


@pytest.fixture
def store() -> Iterator[MemoryStore]:
    made = MemoryStore()
    yield made
    made.close()


def asked(**over: object) -> AnalysisRequest:
    fields = {"request_id": "r", "record_id": "x", "repository": "o/n", "checkout": "", "deadline": 0.0}
    return AnalysisRequest.model_validate({**fields, **over})


def anomalies(*found: Anomaly) -> AnomalySet:
    return AnomalySet(all_anomalies=found, total_count=len(found), repository="o/n")


def assessed(**over: object) -> AssessedDiagnosis:
    found = make.diagnosis(**over)
    return AssessedDiagnosis(diagnosis=found, severity="high", impact=0.5, effort=0.5, benefit=0.5)


def test_a_request_is_accepted() -> None:
    got = stage.analyze_requested(make.request(record_id="a1", checkout="c"), None)
    assert isinstance(got, AnalysisRequest)
    assert (got.request_id, got.status, got.record_id, got.checkout) == ("req-1", "started", "a1", "c")


def test_a_known_request_gives_its_answer() -> None:
    assert stage.analyze_requested(make.request(), Known(record_id="d1")) == Known(record_id="d1")


def test_a_request_without_an_id_is_refused() -> None:
    with pytest.raises(Misconfigured, match="Invalid request ID"):
        stage.analyze_requested(make.request(request_id=""), None)


def test_anomalies_come_with_the_strategies_record(store: MemoryStore) -> None:
    record = store.save(anomalies(make.anomaly()), kind="anomalies")
    store.credit("search", "error", "o/n", success=True)
    store.credit("search", "error", "else/where", success=True)
    found, records = stage.load_anomalies(asked(record_id=record), store)
    assert found.total_count == 1
    assert [(one.repository, one.successes) for one in records] == [("o/n", 1)]


def test_no_anomalies_are_loaded_as_none(store: MemoryStore) -> None:
    record = store.save(anomalies(), kind="anomalies")
    assert stage.load_anomalies(asked(record_id=record), store) == (anomalies(), ())


def test_anomalies_that_are_not_there_are_refused(store: MemoryStore) -> None:
    with pytest.raises(Misconfigured):
        stage.load_anomalies(asked(record_id="nothing"), store)


def loaded(store: MemoryStore, checkout: Path, *found: Anomaly, good: str = "") -> Codebase:
    return stage.load_codebase_info(
        asked(checkout=str(checkout), good=good),
        anomalies(*found),
        GitSource(),
        UvEnvironments(environments_folder()),
        pick(trust=True),
        store,
        Silent(),
    )


NET = make.anomaly(failures=(make.failure(test_id="tests/test_stock.py::test_net"),))


def test_a_failing_test_brings_the_good_version_and_the_coverage(store: MemoryStore, tmp_path: Path) -> None:
    checkout = repos.broken(tmp_path / "depot", "wrong operator", history=True)
    found = loaded(store, checkout, NET)
    assert found.info.good == GitSource().ancestors(checkout, 2)[1]
    assert found.changed == {"depot/stock.py": (45,)}
    assert found.spectrum is not None
    assert found.spectrum.outcomes["tests/test_stock.py::test_net"] == "failed"
    assert found.info.repository == "o/n"


DIES_WATCHED = """import os, sys

def test_a():
    if sys.gettrace() or getattr(sys, "monitoring", None) and sys.monitoring.get_tool(4):
        os._exit(3)

def test_b():
    assert sum([1]) == 2
"""


def test_where_measuring_does_not_come_to_its_end_the_failing_tests_are_measured_alone(
    store: MemoryStore, tmp_path: Path
) -> None:
    checkout = repos.make(tmp_path / "depot", {"tests/test_dies.py": DIES_WATCHED})
    failing = "tests/test_dies.py::test_b"
    found = loaded(store, checkout, make.anomaly(failures=(make.failure(test_id=failing),)))
    assert found.info.outcomes == {"tests/test_dies.py::test_a": "passed", failing: "failed"}
    assert found.spectrum is not None
    assert found.spectrum.coverage[failing] == {"tests/test_dies.py": (8,)}


def test_a_test_that_fails_only_among_others_is_run_again_alone(store: MemoryStore, tmp_path: Path) -> None:
    text = "SEEN = []\n\n\ndef test_a():\n    SEEN.append(1)\n\n\ndef test_b():\n    assert not SEEN\n"
    checkout = repos.make(tmp_path / "depot", {"tests/test_order.py": text})
    anomaly = make.anomaly(failures=(make.failure(test_id="tests/test_order.py::test_b"),))
    found = loaded(store, checkout, anomaly)
    assert found.info.repeats == {"tests/test_order.py::test_b": ("passed",) * 4}
    assert stage.analyze_error_issues(anomalies(anomaly), found)[0].pattern == "order-dependent"


def test_a_named_good_version_is_taken_as_it_is(store: MemoryStore, tmp_path: Path) -> None:
    checkout = repos.broken(tmp_path / "depot", "wrong operator", history=True)
    assert loaded(store, checkout, NET, good="HEAD~1").info.good == "HEAD~1"


def test_the_last_commit_is_good_when_the_work_on_it_broke_the_test(store: MemoryStore, tmp_path: Path) -> None:
    checkout = repos.make(tmp_path / "depot", repos.GOOD)
    stock = checkout / "depot/stock.py"
    stock.write_text(stock.read_text().replace("gross - tare", "gross + tare"))
    assert loaded(store, checkout, NET).info.good == GitSource().head(checkout)


def test_without_a_failing_test_nothing_is_run(store: MemoryStore, tmp_path: Path) -> None:
    checkout = repos.make(tmp_path / "depot", repos.GOOD)
    found = loaded(store, checkout, make.anomaly(failures=()))
    assert (found.info.good, found.info.spectrum) == ("", "")


def test_without_a_test_command_there_is_no_coverage(store: MemoryStore, tmp_path: Path) -> None:
    found = loaded(store, repos.make(tmp_path / "depot", {"a.py": "x = 1\n"}), NET)
    assert (found.info.good, found.info.spectrum) == ("", "")


def test_an_unknown_good_version_is_refused(store: MemoryStore, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured):
        loaded(store, repos.make(tmp_path / "depot", repos.GOOD), NET, good="no-such-ref")


ANALYZERS = {
    "performance": stage.analyze_performance_issues,
    "behavioral": stage.analyze_behavioral_issues,
    "coverage": stage.analyze_coverage_issues,
    "documentation": stage.analyze_coverage_issues,
    "error": stage.analyze_error_issues,
    "state": stage.analyze_error_issues,
    "dependency": stage.analyze_error_issues,
}


@pytest.mark.parametrize("type_", ANALYZERS)
def test_each_type_is_diagnosed_by_its_own_handler(type_: str) -> None:
    every = anomalies(*(make.anomaly(id=name, type=name, handler="f") for name in ANALYZERS))
    found = ANALYZERS[type_](every, of(FILES))
    assert type_ in [one.type for one in found]
    assert all(ANALYZERS[one.type] is ANALYZERS[type_] for one in found)


@pytest.mark.parametrize("type_", ANALYZERS)
def test_nothing_to_diagnose_gives_nothing(type_: str) -> None:
    assert ANALYZERS[type_](anomalies(), of(FILES)) == ()


@pytest.mark.parametrize("type_", ANALYZERS)
def test_what_is_nowhere_in_the_code_has_no_place(type_: str) -> None:
    lost = make.anomaly(type=type_, handler="nowhere", metrics={"expected": ["x", "y"]}, failures=())
    (found,) = ANALYZERS[type_](anomalies(lost), of(FILES))
    assert found.file == ""


def weighed(*found: Diagnosis, every: AnomalySet) -> tuple[AssessedDiagnosis, ...]:
    return stage.assess_impact(found, (), (), (), every, of(FILES))


def test_the_most_rewarding_cause_comes_first() -> None:
    every = anomalies(make.anomaly(id="low", severity="low"), make.anomaly(id="high", severity="critical"))
    got = weighed(make.diagnosis(anomaly_id="low"), make.diagnosis(anomaly_id="high"), every=every)
    assert [one.severity for one in got] == ["critical", "low"]
    assert got[0].users == ("pkg/b.py",)


def test_no_cause_is_no_impact() -> None:
    assert weighed(every=anomalies()) == ()


def test_a_cause_without_its_anomaly_is_a_fault() -> None:
    with pytest.raises(KeyError):
        weighed(make.diagnosis(), every=anomalies())


def advised(one: AssessedDiagnosis, *records: StrategyRecord, off: tuple[str, ...] = ()) -> FixRecommendation:
    policy = RepoPolicy.model_validate({"strategies": {"off": off}})
    return stage.recommend_fixes((one,), records, anomalies(), policy)[0]


def test_strategies_are_chosen_by_cause() -> None:
    got = advised(assessed(pattern="missing-dependency", type="dependency"))
    assert "missing_dependency" in got.code
    assert "ruff_fix" not in got.code


def test_three_failures_put_a_strategy_behind_the_others_and_say_so() -> None:
    before = advised(assessed()).code
    first = before[0]
    record = StrategyRecord(strategy=first, type="error", repository="o/n", failures=3)
    got = advised(assessed(), record)
    assert got.code[-1] == first
    assert set(got.code) == set(before)
    assert f"{first} helped never and failed 3 times" in got.reasons[0]


def test_what_happened_elsewhere_does_not_count() -> None:
    record = StrategyRecord(strategy="search", type="error", repository="else/where", failures=9)
    assert advised(assessed(), record) == advised(assessed())


def test_a_strategy_that_is_off_is_not_recommended() -> None:
    assert "search" not in advised(assessed(), off=("search",)).code


def test_no_cause_needs_no_advice() -> None:
    assert stage.recommend_fixes((), (), anomalies(), RepoPolicy()) == ()


def recommendation(name: str = "c1") -> FixRecommendation:
    return FixRecommendation(id=name, assessed=assessed())


def test_a_diagnosis_is_stored_with_all_it_rests_on(store: MemoryStore) -> None:
    every = anomalies(make.anomaly())
    got = stage.store_diagnosis((recommendation(),), of(FILES), asked(), every, store)
    kept = store.load(got.record_id, DiagnosisSet)
    assert got.stored
    assert kept.recommendations == (recommendation(),)
    assert kept.anomalies == every.all_anomalies
    assert store.answered("diagnosis.analyze", "r") == got.record_id


def test_the_same_diagnosis_is_stored_once(store: MemoryStore) -> None:
    first = stage.store_diagnosis((), of(FILES), asked(), anomalies(), store)
    assert stage.store_diagnosis((), of(FILES), asked(), anomalies(), store) == first


def test_a_store_that_is_closed_stores_nothing() -> None:
    closed = MemoryStore()
    closed.close()
    with pytest.raises(Exception, match=r"no such table|closed|unable|does not exist|has no tables"):
        stage.store_diagnosis((), of(FILES), asked(), anomalies(), closed)


def test_every_cause_starts_one_repair() -> None:
    stored = Stored(stored=True, record_id="d1")
    got = stage.analyze_completed(asked(), stored, (recommendation("c1"), recommendation("c2")))
    assert (got.status, got.record_id, got.summary) == ("completed", "d1", "2 causes diagnosed")
    assert [(one.event, one.subject, one.request_id) for one in got.starts] == [
        ("generate.fix.requested", "c1", "r/c1"),
        ("generate.fix.requested", "c2", "r/c2"),
    ]


def test_one_cause_is_told_as_one() -> None:
    got = stage.analyze_completed(asked(), Stored(stored=True, record_id="d1"), (recommendation(),))
    assert got.summary == "1 cause diagnosed"


def test_no_cause_starts_nothing() -> None:
    assert stage.analyze_completed(asked(), Stored(stored=True, record_id="d1"), ()).starts == ()
