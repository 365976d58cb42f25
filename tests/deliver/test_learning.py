"""The ten handlers of learning, and the order of strategies that follows from what they keep."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot import learning as ordering
from bot.adapters.memory import MemoryStore
from bot.errors import Misconfigured
from bot.model import (
    AfterMetrics,
    AnomalySet,
    Comparison,
    Deployment,
    Effectiveness,
    HandlerMetrics,
    Improvement,
    Insight,
    Known,
    Lesson,
    Merge,
    Request,
    SequenceMetrics,
    StrategyRecord,
    TelemetryMetrics,
    TrackRequest,
    Waiting,
)
from bot.stages import learning
from tests import make
from tests.deliver.world import World, world

REQUEST = TrackRequest(request_id="t", record_id="r", deadline=1.0)


def handler_metrics(p50: float, errors: float = 0.0) -> HandlerMetrics:
    return HandlerMetrics(
        count=10, avgTime=p50, p50=p50, p95Time=2 * p50, p99Time=3 * p50, errorRate=errors, lastSeen="2026-01-01"
    )


def story(**over: Any) -> Deployment:
    fields: dict[str, Any] = {
        "id": "d1",
        "subject": "rec-1",
        "anomaly_id": "a1b2c3d4",
        "repository": "o/n",
        "strategy": "search",
        "type": "error",
        "state": "merged",
        "merge": Merge(merged=True, sha="s", at=100.0),
        "merged_at": 100.0,
        "facts": {"handler": "total", "patch": "p1"},
    }
    return Deployment(**{**fields, **over})


def effect(successful: bool | None, fix: str = "p1", strategy: str = "search") -> Effectiveness:
    return Effectiveness(
        fix_id=fix,
        anomaly_id="a1b2c3d4",
        anomaly_type="error",
        handler="total",
        strategy=strategy,
        repository="o/n",
        comparison=Comparison(),
        improvement=Improvement(),
        successful=successful,
        reason="because",
    )


def record(strategy: str, successes: int = 0, failures: int = 0, **over: str) -> StrategyRecord:
    place = {"type": "error", "repository": "o/n", **over}
    return StrategyRecord(strategy=strategy, successes=successes, failures=failures, **place)


@pytest.fixture
def merged(tmp_path: Path) -> World:
    return world(tmp_path, policy="mode: auto")


def test_a_request_is_accepted_answered_or_refused() -> None:
    request = Request(request_id="t", record_id="r", deadline=1.0)
    accepted = learning.track_requested(request, None)
    assert isinstance(accepted, TrackRequest)
    assert accepted.status == "started"
    assert learning.track_requested(request, Known(record_id="k")) == Known(record_id="k")
    with pytest.raises(Misconfigured, match="Invalid request ID"):
        learning.track_requested(Request(request_id=""), None)


def test_before_is_what_the_proof_measured_or_the_telemetry_it_came_from(merged: World) -> None:
    delivered = merged.deliver()
    request = TrackRequest(request_id="t", record_id=delivered.facts["record"], deadline=1.0)
    found, before, records = learning.load_deployment_info(request, merged.store)
    assert found.id == delivered.id
    assert [(check.exit_code, check.kind) for check in before.checks] == [(1, "test")]
    assert records == ()
    with pytest.raises(Misconfigured, match="no record"):
        learning.load_deployment_info(request.model_copy(update={"record_id": "none"}), merged.store)


def test_the_telemetry_of_the_anomaly_is_before(merged: World) -> None:
    from bot.model import DiagnosisSet, PatchSet, ValidationResult

    metrics = merged.store.save(TelemetryMetrics(handlers={"total": handler_metrics(50)}), kind="telemetry")
    proof = merged.store.load(merged.record, ValidationResult)
    patches = merged.store.load(proof.patch_record, PatchSet)
    diagnoses = merged.store.load(patches.diagnosis_record, DiagnosisSet)
    known = merged.store.save(diagnoses.model_copy(update={"telemetry_record": metrics}), kind="diagnosis")
    linked = merged.store.save(patches.model_copy(update={"diagnosis_record": known}), kind="patches")
    merged.record = merged.store.save(proof.model_copy(update={"patch_record": linked}), kind="validation")
    request = TrackRequest(request_id="t", record_id=merged.deliver().facts["record"], deadline=1.0)
    _, before, _ = learning.load_deployment_info(request, merged.store)
    assert before.handlers["total"].p50 == 50
    assert before.checks


def test_after_is_telemetry_since_the_merge(merged: World) -> None:
    delivered = merged.deliver()
    delivered = delivered.model_copy(update={"facts": {**delivered.facts, "seen_at": "total"}})
    merged.clock.pass_(10)
    after = TelemetryMetrics(handlers={"total": handler_metrics(20)})
    record = merged.store.save(after, kind="telemetry", repository="o/n")
    found = learning.collect_post_deployment_metrics(delivered, merged.store, merged.clock)
    assert found == AfterMetrics(source="telemetry", metrics=after)
    looked = AnomalySet(all_anomalies=(), total_count=0, telemetry_record=record)
    merged.store.save(looked, kind="anomalies", repository="o/n")
    assert learning.collect_post_deployment_metrics(delivered, merged.store, merged.clock).anomaly_seen is False  # type: ignore[union-attr]


def test_after_is_the_checks_of_the_merge_commit(merged: World) -> None:
    found = learning.collect_post_deployment_metrics(merged.deliver(), merged.store, merged.clock)
    assert isinstance(found, AfterMetrics)
    assert found.source == "checks"
    assert found.metrics is not None
    assert [check.exit_code for check in found.metrics.checks] == [0]


def test_after_is_waited_for_and_then_unknown(merged: World) -> None:
    quiet = story(merged_at=merged.clock.now(), facts={"watch_until": str(merged.clock.now() + 60)})
    waiting = learning.collect_post_deployment_metrics(quiet, merged.store, merged.clock)
    assert isinstance(waiting, Waiting)
    assert waiting.wake_key == "telemetry:o/n"
    merged.clock.pass_(61)
    found = learning.collect_post_deployment_metrics(quiet, merged.store, merged.clock)
    assert isinstance(found, AfterMetrics)
    assert found.source == "unknown"
    closed = learning.collect_post_deployment_metrics(story(merge=None), merged.store, merged.clock)
    assert closed == AfterMetrics(source="unknown", reason="the fix was not merged")


def test_measures_are_compared_by_name() -> None:
    sequences = {"s": SequenceMetrics(count=4, avgTime=1, beats=("a",), errorRate=0, violations=1)}
    before = TelemetryMetrics(handlers={"Total": handler_metrics(50, 0.5), "other": handler_metrics(1)})
    after = TelemetryMetrics(handlers={"Total": handler_metrics(25)}, sequences=sequences)
    found = learning.compare_metrics(story(), before, AfterMetrics(source="telemetry", metrics=after))
    assert found.before == {"Total errors": 0.5, "Total p50 ms": 50, "Total p95 ms": 100, "s violations": None}
    assert found.after == {"Total errors": 0, "Total p50 ms": 25, "Total p95 ms": 50, "s violations": 0.25}
    nothing = learning.compare_metrics(story(facts={}), before, AfterMetrics(source="unknown"))
    assert nothing == Comparison()


def test_a_broken_list_of_checks_is_an_error(merged: World) -> None:
    with pytest.raises(json.JSONDecodeError):
        learning.collect_post_deployment_metrics(story(facts={"checks": "{"}), merged.store, merged.clock)


@pytest.mark.parametrize(
    ("before", "after", "share"),
    [(10, 5, 0.5), (10, 15, -0.5), (10, 100, -1), (0, 0, None), (0, 1, -1), (None, 1, None), (1, None, None)],
)
def test_improvement_is_a_share_of_before(before: float | None, after: float | None, share: float | None) -> None:
    found = learning.calculate_improvement(Comparison(before={"m": before}, after={"m": after}))
    assert found.overall == share
    assert found.shares == ({} if share is None else {"m": share})


@pytest.mark.parametrize(
    ("delivered", "seen", "overall", "successful", "reason"),
    [
        (story(merge=Merge(merged=False)), None, None, False, "closed it without a merge"),
        (story(merge=None), None, None, False, "closed it without a merge"),
        (story(verified="regressed"), False, 1.0, False, "worse"),
        (story(), True, 1.0, False, "seen again"),
        (story(), False, -0.5, False, "got worse by 50%"),
        (story(), False, -0.01, True, "not seen again"),
        (story(), None, 0.4, True, "got better by 40%"),
        (story(verified="healthy"), None, None, True, "healthy"),
        (story(), None, None, None, "nothing was measured"),
        (story(), None, 0.0, None, "nothing was measured"),
    ],
)
def test_success_needs_evidence(
    delivered: Deployment, seen: bool | None, overall: float | None, successful: bool | None, reason: str
) -> None:
    found = learning.assess_success(delivered, Comparison(anomaly_seen_after=seen), Improvement(overall=overall))
    assert found.successful is successful
    assert reason in found.reason
    assert (found.strategy, found.anomaly_type, found.repository) == ("search", "error", "o/n")


def test_the_record_counts_the_result() -> None:
    others = (record("search", 3, 1, repository="o/other"), record("search", 1, 1), record("ruff_fix", 5))
    assert learning.update_learning_models(effect(True), others) == record("search", 2, 1)
    assert learning.update_learning_models(effect(False), ()) == record("search", 0, 1)
    assert learning.update_learning_models(effect(None), others) == record("search", 1, 1)


def test_insights_tell_the_result_the_record_and_a_new_order() -> None:
    records = (record("a_first", 0, 0), record("search", 0, 0))
    told = [each.text for each in learning.generate_insights(effect(True), record("search", 1), records)]
    assert told == [
        "The search fix in total worked: because.",
        "search has helped 1 of 1 times with error here.",
        "For error the order of repairs is now: search, a_first.",
    ]
    assert len(learning.generate_insights(effect(None), record("search"), ())) == 2


def test_a_lesson_is_stored_and_credited_once_per_fix() -> None:
    store = MemoryStore()
    insight = (Insight(text="x"),)
    for _ in range(3):
        stored = learning.store_effectiveness(effect(False), record("search", 0, 1), insight, REQUEST, store)
    assert stored.stored
    assert store.load(stored.record_id, Lesson).record == record("search", 0, 1)
    assert store.records("o/n") == (record("search", 0, 1),)
    learning.store_effectiveness(effect(None, fix="p2"), record("search", 0, 1), insight, REQUEST, store)
    assert store.records("o/n") == (record("search", 0, 1),)
    store.close()


def test_the_end_says_what_came_of_it() -> None:
    request = TrackRequest(request_id="t", record_id="r", deadline=1.0)
    stored = learning.Stored(stored=True, record_id="lesson-1")
    said = {
        successful: learning.track_completed(request, stored, effect(successful)).summary
        for successful in (True, False, None)
    }
    assert said[True] == "fix p1 worked: because"
    assert "did not work" in said[False]
    assert "not known" in said[None]
    assert learning.track_completed(request, stored, effect(True)).starts == ()


def test_a_delivered_fix_is_learned_from(merged: World) -> None:
    lesson = merged.store.load(merged.learn(merged.deliver().facts["record"]), Lesson)
    assert lesson.effectiveness.successful
    assert lesson.effectiveness.improvement.shares == {"failing checks": 1.0}
    assert merged.store.records("o/n") == (record("operator", 1),)


def test_three_failures_reorder_strategies_and_say_why() -> None:
    store = MemoryStore()
    usual = ("search", "misspelt_name", "wrong_import")
    assert ordering.order(usual, store.records("o/n"), "error", "o/n") == usual
    for number in range(3):
        failed = effect(False, fix=f"fix-{number}")
        updated = learning.update_learning_models(failed, store.records("o/n"))
        learning.store_effectiveness(failed, updated, (), REQUEST, store)
    known = store.records("o/n")
    assert ordering.order(usual, known, "error", "o/n") == ("misspelt_name", "wrong_import", "search")
    assert ordering.order(usual, known, "state", "o/n") == usual
    assert ordering.order(usual, known, "error", "o/other") == usual
    assert ordering.reasons(usual, known, "error", "o/n") == (
        "search helped never and failed 3 times with error here (weight 0.20), so it is tried later",
    )
    store.close()


def test_reasons_for_what_moves_up_or_stays() -> None:
    known = (record("a", 0, 1), record("b", 2, 0), record("c", 1, 1))
    assert ordering.reasons(("a", "b", "c"), known, "error", "o/n") == (
        "b helped twice and failed never with error here (weight 0.75), so it is tried earlier",
        "c helped once and failed once with error here (weight 0.50), so it is tried earlier",
        "a helped never and failed once with error here (weight 0.33), so it is tried later",
    )
    assert ordering.reasons(("b",), known, "error", "o/n")[0].endswith("as before")


def test_an_anomaly_seen_again_is_a_failure(merged: World) -> None:
    delivered = merged.deliver()
    merged.clock.pass_(10)
    merged.store.save(TelemetryMetrics(event_count=1), kind="telemetry", repository="o/n")
    again = AnomalySet(all_anomalies=(make.anomaly(id="a1b2c3d4"),), total_count=1)
    merged.store.save(again, kind="anomalies", repository="o/n")
    lesson = merged.store.load(merged.learn(delivered.facts["record"]), Lesson)
    assert lesson.effectiveness.successful is False
    assert lesson.record == record("operator", 0, 1)
