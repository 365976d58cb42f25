"""Detector cases: `events.jsonl` or `metrics.json`, perhaps `baseline.jsonl`, `sequences/`, `repo/`.

`packages.json` is what is installed, `withdrawn.json` what its index withdrew of that.

`anomalies.json` is what the detector says: type, severity, handler, description, and the metrics that tell the cause.
"""

import json
from pathlib import Path
from typing import Any

from bot.codebase import of
from bot.detectors._seen import Seen
from bot.model import Anomaly, Baseline, TelemetryMetrics
from bot.registry import unit as registered
from bot.telemetry import metrics_of
from bot.telemetry.baseline import baseline_of
from bot.telemetry.declared import read_sequences, sequence_files


def run(unit: str, case: Path) -> dict[str, str]:
    """Return `anomalies.json` of one case."""
    found = registered("detector", unit)(seen(case))
    return {"anomalies.json": json.dumps([_shown(one) for one in found], indent=1, ensure_ascii=False) + "\n"}


def seen(case: Path) -> Seen:
    """Return what a case gives the detector to look at."""
    declared, refused = read_sequences(sequence_files(case / "sequences"))
    assert not refused
    return Seen(
        metrics=_metrics(case, "events.jsonl", "metrics.json", declared) or TelemetryMetrics(),
        baseline=_baseline(case, declared),
        declared=declared,
        codebase=of(
            _files(case / "repo"),
            packages=_json(case / "packages.json") or {},
            withdrawn=_json(case / "withdrawn.json") or {},
        ),
    )


def _metrics(case: Path, events: str, metrics: str, declared: Any) -> TelemetryMetrics | None:
    if (case / events).is_file():
        return metrics_of([case / events], declared)
    if (case / metrics).is_file():
        return TelemetryMetrics.model_validate_json((case / metrics).read_bytes())
    return None


def _baseline(case: Path, declared: Any) -> Baseline:
    found = _metrics(case, "baseline.jsonl", "baseline.json", declared)
    return baseline_of([found] if found else [])


def _files(folder: Path) -> dict[str, str]:
    # A case's Python files end in `.py.txt`, so that no tool takes them for the project's own.
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix().removesuffix(".txt"): path.read_text("utf-8") for path in found}


def _json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8")) if path.is_file() else None


def _shown(anomaly: Anomaly) -> dict[str, Any]:
    head = {key: getattr(anomaly, key) for key in ("type", "severity", "handler", "sequence", "description")}
    return {key: value for key, value in head.items() if value is not None} | {"metrics": anomaly.metrics}
