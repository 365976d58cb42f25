"""How much a cause matters: severity, use, effort, and what is gained by fixing it (each between 0 and 1)."""

from __future__ import annotations

from bot.codebase import Codebase
from bot.model import SEVERITIES, Anomaly, AssessedDiagnosis, Diagnosis

EFFORT = {"format": 0.05, "lint": 0.1, "missing-dependency": 0.15, "import-error": 0.2, "docs": 0.2, "type": 0.4}
USUAL_EFFORT = 0.5
MANY_USERS = 20


def assess(diagnosis: Diagnosis, anomaly: Anomaly, codebase: Codebase) -> AssessedDiagnosis:
    """Return the weighed diagnosis: impact = severity x (half fixed, half by use), benefit = impact x confidence."""
    users = _users(diagnosis, codebase)
    severity = (SEVERITIES.index(anomaly.severity) + 1) / len(SEVERITIES)
    use = min(1.0, (len(users) + int(anomaly.metrics.get("count") or 0) + len(diagnosis.failing_tests)) / MANY_USERS)
    impact = severity * (0.5 + 0.5 * use)
    return AssessedDiagnosis(
        diagnosis=diagnosis,
        severity=anomaly.severity,
        impact=round(impact, 3),
        effort=EFFORT.get(diagnosis.details.get("class", ""), USUAL_EFFORT),
        benefit=round(impact * (0.5 + 0.5 * diagnosis.confidence), 3),
        users=users,
    )


def _users(diagnosis: Diagnosis, codebase: Codebase) -> tuple[str, ...]:
    return codebase.importers(diagnosis.file)[:MANY_USERS] if diagnosis.file in codebase.files else ()
