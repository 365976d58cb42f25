"""What `heal` tells: the published JSON and the story for a person."""

from __future__ import annotations

from typing import Any

from bot.healed import Fixed, Report
from bot.model import Anomaly, Diagnosis, Patch

EXIT = {"healed": 0, "partly": 1, "unhealed": 1, "error": 2, "healthy": 3}


def as_json(report: Report) -> dict[str, Any]:
    """Return the report in the published form of `selfheal heal --json`."""
    return {
        "status": report.status,
        "anomalies": [one.model_dump(mode="json", by_alias=True) for one in report.anomalies],
        "diagnoses": [diagnosis(one) for one in report.diagnoses],
        "fixes": [fix(one) for one in report.fixes if one.result is not None],
        "remaining": [remaining(one) for one in report.remaining],
        "checks": list(report.checks),
        "notes": list(report.reasons),
        "timings": report.timings,
    }


def failed(message: str, hint: str = "") -> dict[str, Any]:
    """Return the published form of a healing that could not begin."""
    empty: dict[str, Any] = {key: [] for key in ("anomalies", "diagnoses", "fixes", "remaining", "checks", "notes")}
    return {"status": "error", **empty, "timings": {}, "error": f"{message} {hint}".strip()}


def diagnosis(one: Diagnosis) -> dict[str, Any]:
    """Return one diagnosis in the published form."""
    keep = {"anomaly_id", "type", "file", "function", "line", "pattern", "confidence", "suspects"}
    return one.model_dump(mode="json", include=keep)


def fix(one: Fixed) -> dict[str, Any]:
    """Return one fix in the published form; `evidence` is empty when there was no patch to prove."""
    result = one.result
    patch = result.patch if result else None
    return {
        "id": result.id if result else one.recommendation.id,
        "anomaly_id": one.recommendation.assessed.diagnosis.anomaly_id,
        "strategy": patch.strategy if patch else "",
        "title": patch.title if patch else "",
        "trust": patch.trust if patch else "review",
        "confidence": patch.confidence if patch else 0.0,
        "files": list(patch.files) if patch else [],
        "patch": patch.diff if patch else "",
        "validated": bool(result and result.proven),
        "abstained": bool(patch and patch.abstained),
        "alternatives": patch.alternatives if patch else 0,
        "refusals": list(result.refusals) if result else [],
        "evidence": result.evidence.model_dump(mode="json") if result else {},
    }


def remaining(one: Anomaly) -> dict[str, Any]:
    """Return one anomaly that is left, short."""
    return {"id": one.id, "type": one.type, "severity": one.severity, "description": one.description}


def story(report: Report) -> list[str]:
    """Return the report as lines for a person: what was wrong, what was done, what it rests on, what is left."""
    lines = [*(f"check  {check}" for check in report.checks)]
    causes = {one.anomaly_id: one for one in report.diagnoses}
    for anomaly in report.anomalies:
        found = causes.get(anomaly.id)
        where = f" in {found.file}:{found.line} {found.function}".rstrip() if found and found.file else ""
        lines.append(f"wrong  {anomaly.description}{where}")
    for one in report.fixes:
        lines += _told(one)
    lines += [f"left   {one.description}" for one in report.remaining]
    lines += [f"note   {reason}" for reason in report.reasons]
    return [*lines, _ending(report)]


def _told(one: Fixed) -> list[str]:
    patch = one.result.patch if one.result else None
    if one.result is not None and not one.result.proven and patch is not None:
        return [f"offer  {patch.title} ({patch.strategy}): only the forge can run it", *patch.diff.splitlines()]
    if one.result is None or not one.result.proven or patch is None:
        return [f"no fix {one.recommendation.assessed.diagnosis.pattern}: {one.reason}"]
    word = "guess" if patch.abstained else "fixed"
    told = [f"{word}  {patch.title} ({patch.strategy}, trust {patch.trust}, confidence {patch.confidence:.2f})"]
    told.append(f"       why: {patch.why}")
    if patch.abstained:
        told += _doubt(patch)
    return told + [f"proof  {record.name}: {record.seen}" for record in one.result.evidence.checks]


def _doubt(patch: Patch) -> list[str]:
    """Return what a person has to decide before a patch that others rival is taken."""
    lines = ["       choose: other fixes pass the same tests and behave differently; no pull request"]
    if patch.told_apart_by:
        lines.append(f"       told apart by: {patch.told_apart_by}")
    return lines + [f"       next best  {line}" for line in patch.runner_up.splitlines()]


def _ending(report: Report) -> str:
    count = len(report.proven)
    fixes = f"{count} proven fix{'es' * (count != 1)}"
    guesses = sum(one.guessed for one in report.proven)
    if guesses:
        fixes += f" ({guesses} for you to choose: see above)"
    endings = {
        "healed": f"Healed: {fixes}, all checks pass.",
        "partly": f"Partly healed: {fixes}, {len(report.remaining)} left.",
        "unhealed": "Not healed: no fix could be proven.",
        "healthy": "Healthy: all checks pass." if report.checks else "Healthy: the project has no checks to run.",
        "error": "Stopped by an error.",
    }
    return endings[report.status]
