"""Learn from the result: compare before and after, and let it order the next repairs."""

from __future__ import annotations

from bot.errors import Misconfigured
from bot.model import (
    AfterMetrics,
    Comparison,
    Completed,
    Deployment,
    DiagnosisSet,
    Effectiveness,
    Improvement,
    Insight,
    Known,
    Lesson,
    PatchSet,
    Request,
    Stored,
    StrategyRecord,
    TelemetryMetrics,
    TrackRequest,
    ValidationResult,
    Waiting,
)
from bot.ports import Clock, Store
from bot.registry import handler
from bot.stages._learning_base import (
    counted,
    credited,
    from_runs,
    from_states,
    insights_of,
    judged,
    measures,
    share,
)
from bot.stages._traffic_base import since_merge

POLL_SECONDS = 300.0


@handler(returns="track_request")
def track_requested(request: Request, known: Known | None) -> TrackRequest | Known:
    """Accept the request to look back, or return the known answer; raises `Misconfigured` without an id."""
    if not request.request_id:
        raise Misconfigured("Invalid request ID", hint="Give the request an id.")
    if known is not None:
        return known
    return TrackRequest(request_id=request.request_id, record_id=request.record_id, deadline=request.deadline)


@handler(returns=("deployment", "before", "strategy_records"))
def load_deployment_info(
    track_request: TrackRequest, store: Store
) -> tuple[Deployment, TelemetryMetrics, tuple[StrategyRecord, ...]]:
    """Return the delivery, what was measured before it (telemetry, else the proof's own runs), and all records."""
    deployment = store.load(track_request.record_id, Deployment)
    validation = store.load(deployment.validation_record, ValidationResult)
    patches = store.load(validation.patch_record, PatchSet)
    diagnoses = store.load(patches.diagnosis_record, DiagnosisSet)
    before = TelemetryMetrics()
    if diagnoses.telemetry_record:
        before = store.load(diagnoses.telemetry_record, TelemetryMetrics)
    if not before.checks:
        before = before.model_copy(update={"checks": from_runs(validation.evidence.before)})
    return deployment, before, store.records(deployment.repository)


@handler(returns="after_metrics")
def collect_post_deployment_metrics(deployment: Deployment, store: Store, clock: Clock) -> AfterMetrics | Waiting:
    """Return what really ran since the merge: telemetry that tells of it, else the checks of the merge commit.

    Where nothing ran, it waits to the end of the window and then says `unknown`; nothing is assumed.
    """
    if deployment.merge is None or not deployment.merge.merged:
        return AfterMetrics(source="unknown", reason="the fix was not merged")
    since = since_merge(deployment, store)
    if since.metrics is not None:
        return AfterMetrics(source="telemetry", metrics=since.metrics, anomaly_seen=since.seen)
    checks = from_states(deployment.facts.get("checks", "{}"))
    if checks:
        return AfterMetrics(source="checks", metrics=TelemetryMetrics(checks=checks))
    until = float(deployment.facts.get("watch_until", "0"))
    if clock.now() < until:
        reason = "nothing has run since the merge"
        return Waiting(reason=reason, wake_key=f"telemetry:{deployment.repository}", poll_after=POLL_SECONDS)
    return AfterMetrics(source="unknown", reason="nothing ran within the window after the merge")


@handler(returns="comparison")
def compare_metrics(deployment: Deployment, before: TelemetryMetrics, after_metrics: AfterMetrics) -> Comparison:
    """Return the measures before and after by name, lower is better in each; None where one side has none."""
    handler_name = deployment.facts.get("handler", "")
    earlier = measures(before, handler_name)
    later = measures(after_metrics.metrics, handler_name) if after_metrics.metrics else {}
    names = sorted({*earlier, *later})
    return Comparison(
        before={name: earlier.get(name) for name in names},
        after={name: later.get(name) for name in names},
        anomaly_seen_after=after_metrics.anomaly_seen,
    )


@handler(returns="improvement")
def calculate_improvement(comparison: Comparison) -> Improvement:
    """Return (before - after) / before of each measure that both sides have, and their mean; positive = better."""
    shares: dict[str, float] = {}
    for name, was in comparison.before.items():
        now = comparison.after.get(name)
        change = None if was is None or now is None else share(was, now)
        if change is not None:
            shares[name] = change
    return Improvement(shares=shares, overall=sum(shares.values()) / len(shares) if shares else None)


@handler(returns="effectiveness")
def assess_success(deployment: Deployment, comparison: Comparison, improvement: Improvement) -> Effectiveness:
    """Return whether the fix worked, with the reason; neither yes nor no while nothing was measured."""
    successful, reason = judged(deployment, comparison, improvement)
    return Effectiveness(
        fix_id=deployment.facts.get("patch", deployment.id),
        anomaly_id=deployment.anomaly_id,
        anomaly_type=deployment.type,
        handler=deployment.facts.get("handler", ""),
        strategy=deployment.strategy,
        repository=deployment.repository,
        comparison=comparison,
        improvement=improvement,
        successful=successful,
        reason=reason,
    )


@handler(returns="strategy_record")
def update_learning_models(
    effectiveness: Effectiveness, strategy_records: tuple[StrategyRecord, ...]
) -> StrategyRecord:
    """Return the strategy's record for this type and repository with the result counted; unknown counts nothing."""
    return counted(effectiveness, strategy_records)


@handler(returns="insights")
def generate_insights(
    effectiveness: Effectiveness, strategy_record: StrategyRecord, strategy_records: tuple[StrategyRecord, ...]
) -> tuple[Insight, ...]:
    """Return what the results so far say in sentences: what came of this fix, and how the order of repairs changes."""
    return insights_of(effectiveness, strategy_record, strategy_records)


@handler(returns="lesson_stored")
def store_effectiveness(
    effectiveness: Effectiveness,
    strategy_record: StrategyRecord,
    insights: tuple[Insight, ...],
    track_request: TrackRequest,
    store: Store,
) -> Stored:
    """Store the lesson and credit the strategy, once per fix however often this runs."""
    record = credited(effectiveness, strategy_record, store)
    lesson = Lesson(effectiveness=effectiveness, record=record, insights=insights)
    saved = store.save(lesson, kind="lesson", repository=effectiveness.repository, key=effectiveness.fix_id)
    store.answer("learning.track", track_request.request_id, saved)
    return Stored(stored=True, record_id=saved)


@handler(returns="completed")
def track_completed(track_request: TrackRequest, lesson_stored: Stored, effectiveness: Effectiveness) -> Completed:
    """Return the end of the look back; nothing follows it."""
    words = {True: "worked", False: "did not work", None: "is not known to have worked"}
    summary = f"fix {effectiveness.fix_id} {words[effectiveness.successful]}: {effectiveness.reason}"
    return Completed(record_id=lesson_stored.record_id, summary=summary)
