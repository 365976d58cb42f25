"""What `explain` tells: a record, a cause, a fix or a strategy in plain words, with what it rests on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.errors import Misconfigured
from bot.learning import reasons
from bot.model import (
    Anomaly,
    AnomalySet,
    Deployment,
    DiagnosisSet,
    FixRecommendation,
    Lesson,
    Patch,
    PatchSet,
    ValidationResult,
)
from bot.ports import Store
from bot.registry import units


def explained(name: str, store: Store) -> tuple[str, ...]:
    """Return what the journal knows of `name`, line by line; raises `Misconfigured` when it knows nothing."""
    lines = list(_strategy(name, store))
    for kind, (type_, told) in TOLD.items():
        lines += [line for one in store.every(type_, kind=kind) for line in told(name, one)]
    if not lines:
        raise Misconfigured(
            f"nothing is known of {name!r} in this state",
            hint="Give the id of a fix, cause, anomaly or strategy, and the state with --state.",
        )
    return tuple(dict.fromkeys(lines))


def _strategy(name: str, store: Store) -> list[str]:
    unit = units("strategy").get(name)
    if unit is None:
        return []
    lines = [f"{name}: {unit.summary}", f"trust {unit.about['trust']}, causes {', '.join(unit.about['causes'])}"]
    for record in store.records():
        if record.strategy == name:
            lines += reasons((name,), (record,), record.type, record.repository)
    return lines


def _anomalies(name: str, found: AnomalySet) -> list[str]:
    return [line for one in found.all_anomalies if one.id.startswith(name) for line in anomaly(one)]


def anomaly(one: Anomaly) -> list[str]:
    """Return one anomaly in words."""
    head = f"anomaly {one.id}: {one.type}, severity {one.severity}, confidence {one.confidence:.2f}: {one.description}"
    return [head, *(f"  rests on {line}" for line in one.evidence)]


def _causes(name: str, found: DiagnosisSet) -> list[str]:
    wanted = [
        one
        for one in found.recommendations
        if one.id.startswith(name) or one.assessed.diagnosis.anomaly_id.startswith(name)
    ]
    return [line for one in wanted for line in cause(one)]


def cause(one: FixRecommendation) -> list[str]:
    """Return one cause in words: where it is, what that rests on, and which strategies are tried in which order."""
    found = one.assessed.diagnosis
    where = f"{found.file}:{found.line} {found.function}".strip() if found.file else "no place in the code"
    tried = ", ".join((*one.code, *one.test, *one.docs)) or "none"
    return [
        f"cause {one.id}: {found.pattern} at {where}, confidence {found.confidence:.2f}",
        *(f"  rests on {line}" for line in found.rests_on),
        f"  strategies in order: {tried}",
        *(f"  {line}" for line in one.reasons),
    ]


def _patches(name: str, found: PatchSet) -> list[str]:
    wanted = [one for one in found.patches if one.id.startswith(name) or found.subject.startswith(name)]
    lines = [line for one in wanted for line in patch(one)]
    return lines + ([f"  tried: {line}" for line in found.tried] if found.subject.startswith(name) else [])


def patch(one: Patch) -> list[str]:
    """Return one patch in words."""
    about = f"{one.strategy}, trust {one.trust}, confidence {one.confidence:.2f}"
    return [f"patch {one.id}: {one.title} ({about})", f"  why: {one.why}", f"  files: {', '.join(one.files)}"]


def _proof(name: str, found: ValidationResult) -> list[str]:
    if not (found.id.startswith(name) or found.subject.startswith(name)):
        return []
    verdict = "proven" if found.proven else "not proven"
    checks = [
        f"  {'yes' if one.passed else 'NO '} {one.name}: {one.seen} (wanted: {one.wanted})"
        for one in found.evidence.checks
    ]
    return [f"proof {found.id}: {verdict}", *checks, *(f"  refused: {line}" for line in found.refusals)]


def _delivered(name: str, found: Deployment) -> list[str]:
    if not any(part.startswith(name) for part in (found.id, found.subject, found.anomaly_id)):
        return []
    lines = [f"delivery {found.id}: {found.state}, branch {found.branch}, verified: {found.verified}"]
    blocked = found.decision.blocking if found.decision else ()
    return lines + [f"  {one.rule}: {one.seen}; wanted: {one.wanted}; {one.unblock}" for one in blocked]


def _learned(name: str, found: Lesson) -> list[str]:
    about = found.effectiveness
    if not any(part.startswith(name) for part in (about.fix_id, about.anomaly_id)):
        return []
    worked = {True: "worked", False: "did not work", None: "is not known to work"}[about.successful]
    return [f"lesson: {about.strategy} {worked}: {about.reason}", *(f"  {one.text}" for one in found.insights)]


TOLD: dict[str, tuple[type[Any], Callable[[str, Any], list[str]]]] = {
    "anomalies": (AnomalySet, _anomalies),
    "diagnosis": (DiagnosisSet, _causes),
    "patches": (PatchSet, _patches),
    "validation": (ValidationResult, _proof),
    "deployment": (Deployment, _delivered),
    "lesson": (Lesson, _learned),
}
