"""What telemetry shows of an anomaly: whether it came from there, and whether it was there again after a merge."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model import Anomaly, AnomalySet, Deployment, DiagnosisSet, PatchSet, TelemetryMetrics, ValidationResult
from bot.ports import Store

SHOWN = frozenset({"performance", "behavioral", "coverage", "error", "state"})
"""The types that telemetry can show; the others are read from files alone."""


@dataclass(frozen=True)
class Since:
    """The newest telemetry since a merge that tells of an anomaly: None when there is none.

    `seen` says whether the anomaly was in it (None: nobody looked), `said` how it was described.
    """

    metrics: TelemetryMetrics | None = None
    seen: bool | None = None
    said: str = ""


def about(anomaly: Anomaly | None, validation: ValidationResult, store: Store) -> dict[str, str]:
    """Return the facts of a delivery by which telemetry is asked for its anomaly; none when no telemetry shows it."""
    if anomaly is None or anomaly.failures or anomaly.type not in SHOWN:
        return {}
    patches = store.load(validation.patch_record, PatchSet)
    record = store.load(patches.diagnosis_record, DiagnosisSet).telemetry_record
    facts = {"seen_at": anomaly.handler or "", "seen_in": anomaly.sequence or ""}
    return facts if record and _tells(facts, anomaly.type, store.load(record, TelemetryMetrics)) else {}


def since_merge(story: Deployment, store: Store) -> Since:
    """Return what telemetry of the time after the merge says; the newest look decides, looks at other things do not."""
    place = {"repository": story.repository}
    for found in store.since(story.merged_at, AnomalySet, kind="anomalies", **place):
        record = found.telemetry_record
        metrics = store.load(record, TelemetryMetrics) if record else TelemetryMetrics()
        again = [each for each in found.all_anomalies if each.id == story.anomaly_id]
        if _later(metrics, story.merged_at) and (again or _tells(story.facts, story.type, metrics)):
            return Since(metrics, bool(again), again[0].description if again else "")
    for metrics in store.since(story.merged_at, TelemetryMetrics, kind="telemetry", **place):
        if _later(metrics, story.merged_at) and _tells(story.facts, story.type, metrics):
            return Since(metrics)
    return Since()


def _later(metrics: TelemetryMetrics, at: float) -> bool:
    """Return whether all of it happened after a time. A failed run may be one of a commit without the fix: it is not.

    Times are those of the events, not of their arrival: a window that closes after a merge began before it.
    """
    begun = [one.windows[0].start for one in metrics.handlers.values() if one.windows and not one.test]
    return not metrics.failures and all(start >= at for start in begun)


def _tells(facts: dict[str, str], type_: str, metrics: TelemetryMetrics) -> bool:
    """Return whether metrics hold the handler or sequence that the anomaly is of, or what its tests ran."""
    measured = type_ == "coverage" and bool(metrics.executed)
    return measured or facts.get("seen_at") in metrics.handlers or facts.get("seen_in") in metrics.sequences
