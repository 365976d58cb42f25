"""Sequence 2 by its handlers, with a real store and a real git checkout."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.adapters.git import GitSource
from bot.adapters.memory import MemoryStore
from bot.causes.evidence import SPECTRUM, Measured
from bot.codebase import Spectrum
from bot.errors import Misconfigured
from bot.model import AnomalySet, Baseline, DetectionRequest, Intake, Known, Stored, TelemetryMetrics
from bot.stages import anomaly as stage
from tests import make
from tests.detectors.worlds import START, handler


@pytest.fixture
def store() -> Iterator[MemoryStore]:
    made = MemoryStore()
    yield made
    made.close()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / "sequences").mkdir(parents=True)
    (folder / "shop.py").write_text("def pay():\n    return 1\n", encoding="utf-8")
    beat = {"beat": 1, "event": "paid", "handler": "pay", "kind": "pure", "timing": "immediate", "expected_ms": 1}
    sequence = {"id": "order", "name": "Order", "movements": [{"id": "m", "name": "M", "beats": [beat]}]}
    (folder / "sequences" / "order.json").write_text(json.dumps(sequence), encoding="utf-8")
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    return folder


def request(**over: object) -> DetectionRequest:
    fields = {"request_id": "r", "record_id": "t", "repository": "o/n", "deadline": 0.0}
    return DetectionRequest.model_validate({**fields, **over})


def test_a_request_is_accepted_answered_or_an_error() -> None:
    asked = make.request(record_id="t", checkout="/x", intake=Intake(repository="o/n", baseline="b", sequences="s"))
    made = stage.detect_anomalies_requested(asked, None)
    assert isinstance(made, DetectionRequest)
    assert (made.status, made.record_id, made.baseline, made.sequences) == ("started", "t", "b", "s")
    known = Known(record_id="before")
    assert stage.detect_anomalies_requested(make.request(), known) is known
    with pytest.raises(Misconfigured, match="Invalid request ID"):
        stage.detect_anomalies_requested(make.request(request_id=""), None)


def test_loading_gives_metrics_past_declaration_and_code(store: MemoryStore, checkout: Path) -> None:
    past = make.metrics(failures=(make.failure(cause_key="old"),), event_count=1)
    store.save(past, kind="telemetry", repository="o/n")
    now = make.metrics(failures=(make.failure(cause_key="new"),), event_count=2)
    record = store.save(now, kind="telemetry", repository="o/n")
    asked = request(record_id=record, checkout=str(checkout))
    metrics, baseline, declared, codebase = stage.load_telemetry_data(asked, store, GitSource())
    assert metrics == now
    assert baseline == Baseline(known_causes=("old",), windows=1)
    assert [sequence.id for sequence in declared] == ["order"]
    assert codebase.python_files == ("shop.py",)


def test_a_baseline_file_may_hold_metrics_or_events(store: MemoryStore, tmp_path: Path) -> None:
    record = store.save(make.metrics(), kind="telemetry", repository="o/n")
    events = tmp_path / "b.jsonl"
    line = {"timestamp": "2024-05-01T12:00:00Z", "event": "beat-completed", "handler": "pay", "duration_ms": 2}
    events.write_text(json.dumps(line) + "\n", encoding="utf-8")
    _, baseline, _, codebase = stage.load_telemetry_data(
        request(record_id=record, baseline=str(events)), store, GitSource()
    )
    assert baseline.handlers["pay"][0].avgTime == 2
    assert not codebase.files
    written = tmp_path / "metrics.json"
    written.write_text(make.metrics(handlers={"pay": baseline.handlers["pay"][0]}).as_json(), encoding="utf-8")
    again = stage.load_telemetry_data(request(record_id=record, baseline=str(written)), store, GitSource())[1]
    assert again.handlers == baseline.handlers
    (tmp_path / "words.txt").write_text("hello\n", encoding="utf-8")
    for path, said in ((tmp_path / "words.txt", "neither"), (tmp_path / "gone", "no such baseline")):
        with pytest.raises(Misconfigured, match=said):
            stage.load_telemetry_data(request(record_id=record, baseline=str(path)), store, GitSource())


def test_a_record_that_is_not_there_is_an_error(store: MemoryStore) -> None:
    with pytest.raises(Misconfigured, match="no record"):
        stage.load_telemetry_data(request(record_id="nothing"), store, GitSource())


def test_the_good_version_and_what_was_measured_are_known_where_handlers_were_seen(
    store: MemoryStore, checkout: Path
) -> None:
    commit = ["git", "-c", "user.name=n", "-c", "user.email=e@x", "commit", "-qm", "m", "--allow-empty"]
    subprocess.run(["git", "add", "-A"], cwd=checkout, check=True)
    subprocess.run(commit, cwd=checkout, check=True)
    metrics = TelemetryMetrics(handlers={"pay": handler([1.0], START)})
    record = store.save(metrics, kind="telemetry", repository="o/n")
    asked = request(record_id=record, checkout=str(checkout), good="HEAD")
    codebase = stage.load_telemetry_data(asked, store, GitSource())[3]
    assert codebase.good["shop.py"] == codebase.text("shop.py")
    assert codebase.spectrum is None
    kept = store.fetch(store.keep(Spectrum({"t": {"shop.py": (2,)}}).dumps().encode()))
    store.save(Measured(environment="e", spectrum=str(kept), outcomes={}), kind=SPECTRUM, key=codebase.info.digest)
    spectrum = stage.load_telemetry_data(asked, store, GitSource())[3].spectrum
    assert spectrum is not None
    assert spectrum.tests_of("shop.py", [2]) == ("t",)


def all_found(metrics: TelemetryMetrics, store: MemoryStore, checkout: str = "") -> AnomalySet:
    record = store.save(metrics, kind="telemetry", repository="o/n")
    asked = request(record_id=record, checkout=checkout)
    metrics, baseline, declared, codebase = stage.load_telemetry_data(asked, store, GitSource())
    return stage.aggregate_anomaly_results(
        stage.detect_performance_anomalies(metrics, baseline, codebase),
        stage.detect_behavioral_anomalies(metrics, baseline, declared),
        stage.detect_coverage_gaps(metrics, baseline, codebase),
        stage.detect_error_patterns(metrics, baseline, codebase),
        stage.detect_state_anomalies(metrics, codebase, declared),
        stage.detect_dependency_anomalies(metrics, codebase),
        stage.detect_documentation_drift(metrics, codebase, declared),
        metrics,
        baseline,
        declared,
        codebase,
        asked,
    )


FAILURES = (
    make.failure(cause_key="a"),
    make.failure(cause_key="a", test_id="tests/test_a.py::test_z"),
    make.failure(**{"class": "missing-dependency", "cause_key": "d", "message": "No module named 'yaml'"}),
    make.failure(**{"class": "format", "tool": "black", "test_id": None, "cause_key": "f"}),
)


def test_every_cause_is_one_anomaly_worst_first(store: MemoryStore, checkout: Path) -> None:
    found = all_found(make.metrics(failures=FAILURES, verdict="failed"), store, str(checkout))
    assert [(one.type, one.severity, len(one.failures)) for one in found.all_anomalies] == [
        ("error", "high", 2),
        ("dependency", "high", 1),
        ("error", "low", 1),
    ]
    assert found.total_count == 3
    assert (found.repository, found.checkout) == ("o/n", str(checkout))


def test_the_same_cause_has_the_same_id_in_another_run(store: MemoryStore) -> None:
    first = all_found(make.metrics(failures=FAILURES[:1]), store)
    second = all_found(make.metrics(failures=FAILURES[1:2], event_count=5), store)
    assert first.all_anomalies[0].id == second.all_anomalies[0].id
    assert second.all_anomalies[0].metrics["new"] is False


def test_nothing_wrong_is_no_anomaly_and_what_is_unknown_is_said(store: MemoryStore) -> None:
    quick = {"count": 3, "avgTime": 1, "p50": 1, "p95Time": 1, "p99Time": 1, "errorRate": 0, "lastSeen": "x"}
    order = {"count": 1, "avgTime": 1, "beats": ("pay",), "errorRate": 0, "violations": 0}
    metrics = TelemetryMetrics.model_validate(
        {"handlers": {"pay": quick}, "sequences": {"order": order}, "dropped": {"bad timestamp": 2, "refused": 1}}
    )
    found = all_found(metrics, store)
    assert found.all_anomalies == ()
    assert found.not_checked == (
        "slow-downs against the past: there is no baseline yet",
        "the speed of 1 handler: fewer than 10 executions",
        "the order of order: neither declared nor learned from earlier runs",
        "2 events: bad timestamp",
        "1 file: refused",
    )


def test_the_result_is_kept_and_starts_the_diagnosis_only_when_there_is_something(store: MemoryStore) -> None:
    found = all_found(make.metrics(failures=FAILURES[:1]), store)
    stored = stage.store_anomaly_results(found, request(), store)
    assert store.load(stored.record_id, AnomalySet) == found
    assert store.answered("anomaly.detect", "r") == stored.record_id
    done = stage.detect_anomalies_completed(request(), stored, found)
    assert (done.record_id, done.summary) == (stored.record_id, "1 anomaly found")
    assert [(start.event, start.record_id) for start in done.starts] == [("analyze.requested", stored.record_id)]
    empty = found.model_copy(update={"all_anomalies": (), "total_count": 0})
    done = stage.detect_anomalies_completed(request(), Stored(stored=True, record_id="e"), empty)
    assert (done.summary, done.starts) == ("0 anomalies found", ())
