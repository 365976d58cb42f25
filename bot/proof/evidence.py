"""The evidence: what was run before and after and what came out, as a value with its JSON schema."""

from __future__ import annotations

from typing import Any

from bot.model import Evidence, Trial, ValidationResult, fingerprint


def evidence_of(trial: Trial) -> Evidence:
    """Return the proof of one patch as it is stored and attached to the pull request."""
    levels = sorted({run.sandbox for run in (*trial.before, *trial.after) if run.sandbox})
    return Evidence(
        before=trial.before,
        after=trial.after,
        checks=trial.records,
        not_checked=tuple(dict.fromkeys(trial.not_checked)),
        sandbox=", ".join(levels),
        facts=trial.facts,
    )


def refusal_of(trial: Trial) -> str:
    """Return in one line why a patch is not proven, '' when nothing refused it."""
    record = next((record for record in trial.records if not record.passed), None)
    return f"{trial.patch.strategy}: {record.name}: {record.seen}" if record else ""


def result_id(subject: str, evidence: Evidence, patch_id: str) -> str:
    """Return the id of a result: the same checks with the same results for the same patch have the same id."""
    checks = (f"{record.name} {record.passed} {record.seen}" for record in evidence.checks)
    return fingerprint("validation", subject, patch_id, *checks, length=16)


def schema() -> dict[str, Any]:
    """Return the JSON schema of the evidence."""
    made = Evidence.model_json_schema()
    return {**made, "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Evidence of one fix"}


def told(result: ValidationResult) -> str:
    """Return the result as one line for the story."""
    if not result.proven or result.patch is None:
        return "no patch is proven: " + ("; ".join(result.refusals) or "there was none to prove")
    return f"proven: {result.patch.title} ({len(result.evidence.checks)} checks passed)"
