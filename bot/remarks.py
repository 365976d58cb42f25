"""What our checks remark on lines of files: causes, rules that say no, mistakes in the policy. Pure and redacted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from bot.markdown import code, plain, table
from bot.model import Annotation, Anomaly, Decision, Diagnosis, DiagnosisSet, PullRequestFacts
from bot.policy import FILE
from bot.policy_text import Problem
from bot.redact import redact

Level = Literal["notice", "warning", "failure"]
MESSAGE_CHARS = 2_000  # GitHub takes 64 KB; more than this nobody reads beside a line
MOST = 50  # as many as GitHub takes at once


def of_causes(found: DiagnosisSet) -> tuple[Annotation, ...]:
    """Return a remark for each cause that has a place, the first 50."""
    anomalies = {one.id: one for one in found.anomalies}
    diagnoses = [one.assessed.diagnosis for one in found.recommendations]
    placed = [cause(one, anomalies.get(one.anomaly_id)) for one in diagnoses if one.file]
    return tuple(dict.fromkeys(placed))[:MOST]


def cause(diagnosis: Diagnosis, anomaly: Anomaly | None) -> Annotation:
    """Return the remark on the line where a cause is."""
    failures = [f"{one.root_line}\n{one.message}".strip() for one in diagnosis.failures[:3] if one.message]
    said = [anomaly.description] if anomaly else []
    text = "\n\n".join([*said, *failures]) or diagnosis.pattern
    title = f"{diagnosis.type}: {diagnosis.pattern}"
    return _made(diagnosis.file, diagnosis.line, title, text, level="warning")


def of_delivery(facts: PullRequestFacts) -> tuple[Annotation, ...]:
    """Return the remark on the cause that a fix is delivered for, where it has a place."""
    found = facts.diagnosis
    return (cause(found, facts.anomaly),) if found is not None and found.file else ()


def of_rules(facts: PullRequestFacts, decision: Decision) -> tuple[Annotation, ...]:
    """Return the remarks on a fix that may not be proposed: its cause, and each rule that refuses it."""
    found = facts.diagnosis
    place = (found.file, found.line) if found is not None and found.file else (facts.patch.files[0], 1)
    refusing = [one for one in decision.blocking if one.stage == "open"]
    rules = (
        _made(*place, f"rule {one.rule}", f"Seen: {one.seen}. Wanted: {one.wanted}. {one.unblock}") for one in refusing
    )
    return (*of_delivery(facts), *rules)[:MOST]


def of_policy(problems: Iterable[Problem]) -> tuple[Annotation, ...]:
    """Return a remark for each mistake in the policy file; those of the organisation's file stand on the first line."""
    made = (
        _made(FILE, 1 if one.file else one.line, f"policy: {one.key}", f"{one.file} {one.text}", level="failure")
        for one in problems
    )
    return tuple(made)[:MOST]


def observed(found: DiagnosisSet | None, broken: str) -> str:
    """Return what a check says where we may only look: the causes that were found, and why nothing is proposed."""
    why = f"the policy is broken: {plain(broken, most=1_000)}" if broken else "the mode is `observe`"
    rows = [_row(one.assessed.diagnosis) for one in found.recommendations] if found else []
    seen = table(("Type", "Cause", "Place", "Confidence"), rows) if rows else "No cause was found."
    return redact(f"Nothing is changed, because {why}.\n\n{seen}")


def _row(found: Diagnosis) -> tuple[str, ...]:
    place = f"{found.file}:{found.line}" if found.line else found.file
    return code(found.type), code(found.pattern), code(place) if place else "-", f"{found.confidence:.2f}"


def _made(path: str, line: int, title: str, text: str, *, level: Level = "notice") -> Annotation:
    message = redact(text.strip())[:MESSAGE_CHARS]
    kept = redact(title)[:200]
    return Annotation(path=path, line=max(1, line), title=kept, message=message or kept, level=level)
