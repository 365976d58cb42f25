"""The evidence: what was run before and after and what came out, as JSON and as a table for people."""

from __future__ import annotations

from typing import Any

from bot.model import CheckRecord, Evidence, Run, Trial, ValidationResult, fingerprint


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


def table(evidence: Evidence) -> str:
    """Return the evidence as a Markdown table: one row for each check, then what was not checked."""
    rows = ["| Check | Result | Seen | Wanted |", "|---|---|---|---|"]
    rows += [_row(record) for record in evidence.checks]
    lines = ["\n".join(rows)]
    if evidence.not_checked:
        lines.append("Not checked: " + "; ".join(_cell(each) for each in evidence.not_checked) + ".")
    lines.append(
        f"Sandbox: {evidence.sandbox or 'none'}. Runs: {len(evidence.before)} before, {len(evidence.after)} after."
    )
    return "\n\n".join(lines)


def _row(record: CheckRecord) -> str:
    result = "passed" if record.passed else "**refused**"
    return f"| {_cell(record.name)} | {result} | {_cell(record.seen)} | {_cell(record.wanted)} |"


def _cell(text: str) -> str:
    """Return untrusted text as one cell: no line break, no column, no markup, no mention."""
    plain = " ".join(text.split())[:500]
    for sign in "\\`*_{}[]<>|#!@":
        plain = plain.replace(sign, f"\\{sign}" if sign != "@" else "@\u200b")
    return plain


def runs_table(runs: tuple[Run, ...]) -> str:
    """Return runs as a Markdown table: command, exit code, seconds, digest and counted outcomes."""
    rows = ["| Command | Exit code | Seconds | Outcomes | Digest |", "|---|---|---|---|---|"]
    for run in runs:
        code = "stopped" if run.exit_code is None else str(run.exit_code)
        rows.append(f"| {_cell(run.command)} | {code} | {run.seconds:.2f} | {_counted(run)} | {run.digest[:12]} |")
    return "\n".join(rows)


def _counted(run: Run) -> str:
    counts: dict[str, int] = {}
    for outcome in run.outcomes.values():
        counts[outcome] = counts.get(outcome, 0) + 1
    return ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items())) or "none"


def told(result: ValidationResult) -> str:
    """Return the result as one line for the story."""
    if not result.proven or result.patch is None:
        return "no patch is proven: " + ("; ".join(result.refusals) or "there was none to prove")
    return f"proven: {result.patch.title} ({len(result.evidence.checks)} checks passed)"
