"""What we write on a forge: names, titles, bodies and comments. Pure, redacted, and harmless whatever it quotes."""

from __future__ import annotations

from bot.commands_text import MEANING, PREFIX, CommandName
from bot.markdown import code, commit_text, fence, plain, table
from bot.model import (
    Anomaly,
    CheckSummary,
    Decision,
    Diagnosis,
    Evidence,
    Merge,
    Patch,
    PullRequestFacts,
    RuleResult,
    Run,
    ValidationResult,
    fingerprint,
)
from bot.redact import redact

MAX_BODY = 59_000  # GitHub refuses more than 65,536 characters
HANDLER_CHARS = 40
LABEL = "self-healing"
STEER: tuple[CommandName, ...] = ("approve", "hold", "reject", "retry", "why", "explain", "ignore")


def cause_of(anomaly_id: str) -> str:
    """Return the 8 hexadecimal characters that name a cause everywhere on a forge."""
    start = anomaly_id[:8].lower()
    known = len(start) == 8 and all(char in "0123456789abcdef" for char in start)
    return start if known else fingerprint(anomaly_id)


def handler_name(diagnosis: Diagnosis | None, anomaly: Anomaly | None, patch: Patch) -> str:
    """Return where the fault is, as [a-z0-9-] of at most 40 characters: the function, else the file, else the tool."""
    tool = str(anomaly.metrics.get("tool", "")) if anomaly else ""
    found = (diagnosis.function, diagnosis.file, diagnosis.details.get("tool", "")) if diagnosis else ()
    every = (*found, (anomaly.handler or "") if anomaly else "", tool, *patch.files)
    return next((name for text in every if (name := slug(text))), patch.type)


def slug(text: str) -> str:
    """Return text as lower-case words joined by hyphens, its last 40 characters."""
    kept = "".join(char if char.isascii() and char.isalnum() else " " for char in text.lower())
    return "-".join(kept.split())[-HANDLER_CHARS:].strip("-")


def branch_name(type_: str, handler: str, cause: str, redo: int = 1) -> str:
    """Return our branch for a cause; from the second on, `redo` is its suffix."""
    return f"auto-fix/{type_}-{handler}-{cause}" + (f"-{redo}" if redo > 1 else "")


def title(type_: str, handler: str) -> str:
    """Return the title of a pull request."""
    return f"🤖 Auto-fix: {type_} in {handler}"


def marker(cause: str, kind: str) -> str:
    """Return the hidden text by which we find our own pull requests and comments again."""
    return f"<!-- selfheal:{cause}:{kind} -->"


def commit_message(facts: PullRequestFacts, kind: str) -> str:
    """Return the message of the commit with the code, test or docs part of a fix."""
    verb = {"code": "Fix", "test": "Test", "docs": "Document"}[kind]
    subject = f"{verb} {facts.patch.type} in {facts.handler}"
    return redact(f"{subject}\n\n{commit_text(facts.patch.title)}.\n\nSelfheal-Cause: {facts.fingerprint}\n")


def body(facts: PullRequestFacts, validation: ValidationResult) -> str:
    """Return the body of the pull request, markers first; at most 59,000 characters, cut at sections."""
    marks = (
        (facts.fingerprint, "fix"),
        (facts.evidence, "evidence"),
        (facts.proof, "proof"),
        (facts.patch.id, "patch"),
    )
    head = "\n".join(marker(value, kind) for value, kind in marks if value)
    sections = [
        _summary(facts),
        _cause(facts),
        f"### What was seen\n\n{facts.view}" if facts.view else "",
        _evidence(validation.evidence),
        _before_after(validation.evidence),
        _risk(facts, validation.evidence),
        _runner_up(facts.patch),
        _not_checked(validation.evidence),
        _steering(),
    ]
    return _within(head, [section for section in sections if section])


def offer(facts: PullRequestFacts, validation: ValidationResult) -> str:
    """Return the comment that offers the patch of a workflow, marker first; at most 59,000 characters."""
    apply = "The App holds no right to change workflows. Put this into a file and run `git apply FILE`:"
    sections = [
        _summary(facts),
        _cause(facts),
        f"### Patch\n\n{apply}\n\n{fence(facts.patch.diff, most=40_000, language='diff')}",
        _evidence(validation.evidence),
        _not_checked(validation.evidence),
    ]
    return _within(marker(facts.fingerprint, "offer"), [section for section in sections if section])


def why(decision: Decision) -> str:
    """Return what still blocks the merge: what was seen, what is wanted, who can unblock it."""
    if not decision.blocking:
        return "Nothing blocks the merge."
    rows = [_blocking(answer) for answer in decision.blocking]
    return redact(table(("Rule", "Seen", "Wanted", "Who can unblock it"), rows))


def status(cause: str, head: str, decision: Decision, checks: CheckSummary | None = None) -> str:
    """Return the one comment that tells how a pull request stands; `head` is the commit it is about."""
    state = "Ready to merge." if not decision.blocking else "Waiting."
    seen = ""
    if checks is not None and checks.checks:
        rows = [(code(each.name), code(each.conclusion or each.status)) for each in checks.checks]
        seen = "\n\n" + table(("Check", "Result"), rows)
    text = f"{marker(cause, 'status')}\n**{state}** Head {code(head[:12])}.\n\n{why(decision)}{seen}"
    return redact(text)


def merged(cause: str, merge: Merge, verified: str) -> str:
    """Return the status comment after the merge."""
    words = {
        "healthy": "What runs on it is healthy.",
        "regressed": "What runs on it got worse.",
        "unknown": "Nothing has run on it yet that would tell whether it holds.",
    }
    return f"{marker(cause, 'status')}\n**Merged** as {code(merge.sha[:12])}. {words[verified]}"


def offered(facts: PullRequestFacts, validation: ValidationResult) -> tuple[str, str]:
    """Return mark and text of a comment that offers a proven fix as a patch, where we may not push."""
    mark = marker(facts.fingerprint, "patch")
    head = f"{mark}\n**{plain(facts.patch.title)}**: a fix for this branch. Apply it with `git apply`:"
    parts = [head, fence(facts.patch.diff, most=30_000, language="diff"), _evidence(validation.evidence)]
    return mark, redact("\n\n".join(part for part in parts if part))


def revert_body(cause: str, merge: Merge, reason: str) -> str:
    """Return the body of a pull request that takes our own merge back."""
    text = (
        f"{marker(cause, 'revert')}\nThis takes back our merge {code(merge.sha[:12])}, because what runs on it got "
        f"worse and a second look confirmed it.\n\n{fence(reason)}\n\nIt is merged by a person only."
    )
    return redact(text)


def _blocking(answer: RuleResult) -> tuple[str, ...]:
    return (code(answer.rule), plain(answer.seen), plain(answer.wanted), plain(answer.unblock))


def _summary(facts: PullRequestFacts) -> str:
    patch = facts.patch
    where = ", ".join(code(file) for file in patch.files[:10])
    return f"**{plain(patch.title)}**\n\n{plain(patch.why, most=1_000)}\n\nTouches {where}."


def _cause(facts: PullRequestFacts) -> str:
    lines = []
    if facts.anomaly is not None:
        lines.append(f"{plain(facts.anomaly.description, most=600)} (severity {facts.anomaly.severity})")
    found = facts.diagnosis
    if found is not None:
        place = f"{found.file}:{found.line}" if found.line else found.file
        where = f" at {code(place)}" if place else ""
        inside = f" in {code(found.function)}" if found.function else ""
        lines.append(f"Found: {code(found.pattern)}{where}{inside}, confidence {found.confidence:.2f}.")
        lines += ["\n".join(f"- {plain(each)}" for each in found.rests_on[:8])] if found.rests_on else []
    quoted = [failure for failure in (found.failures if found else ()) if failure.message][:3]
    lines += [fence(f"{failure.root_line}\n{failure.message}".strip(), most=2_000) for failure in quoted]
    return "### Cause\n\n" + "\n\n".join(lines) if lines else ""


def _evidence(evidence: Evidence) -> str:
    rows = [
        (plain(each.name), plain(each.wanted), plain(each.seen), "passed" if each.passed else "**failed**")
        for each in evidence.checks
    ]
    sandbox = f"\n\nRun in the sandbox {code(evidence.sandbox)}." if evidence.sandbox else ""
    return "### Evidence\n\n" + table(("Check", "Wanted", "Seen", "Result"), rows) + sandbox if rows else ""


def _before_after(evidence: Evidence) -> str:
    rows = [("before", *_run(run)) for run in evidence.before[:12]] + [
        ("after", *_run(run)) for run in evidence.after[:12]
    ]
    return "### Before and after\n\n" + table(("", "Command", "Exit code", "Tests", "Seconds"), rows) if rows else ""


def _run(run: Run) -> tuple[str, ...]:
    results: dict[str, int] = {}
    for outcome in run.outcomes.values():
        results[outcome] = results.get(outcome, 0) + 1
    tests = ", ".join(f"{count} {outcome}" for outcome, count in sorted(results.items())) or "-"
    return (code(run.command), "-" if run.exit_code is None else str(run.exit_code), tests, f"{run.seconds:.1f}")


def _risk(facts: PullRequestFacts, evidence: Evidence) -> str:
    patch = facts.patch
    other = (
        f"{patch.alternatives} other fixes passed too" if patch.alternatives else "no other fix was found that passes"
    )
    lines = [
        f"- Made by {code(patch.strategy)}, trusted `{patch.trust}`, confidence {patch.confidence:.2f}; {other}.",
        f"- {'A test is part of it.' if facts.adds_tests else 'It adds no test of its own.'}",
    ]
    if patch.abstained:
        lines.append("- Another fix that behaves differently is about as likely: please choose.")
    if not evidence.after:
        lines.append("- It was not run here; the checks of this pull request are its proof.")
    return "### Risk\n\n" + "\n".join(lines)


def _runner_up(patch: Patch) -> str:
    """Return the next best fix with a different behaviour, and the call that tells it from the one proposed."""
    if not patch.runner_up and not patch.told_apart_by:
        return ""
    shown = [fence(patch.runner_up, most=2_000, language="diff")] if patch.runner_up else []
    apart = [f"What tells the two apart: {plain(patch.told_apart_by, most=600)}."] if patch.told_apart_by else []
    return "\n\n".join(("### The runner-up", "This other fix passes the same tests.", *shown, *apart))


def _not_checked(evidence: Evidence) -> str:
    lines = [f"- {plain(each)}" for each in evidence.not_checked[:20]]
    return "### Not checked\n\n" + ("\n".join(lines) or "Nothing that is known of.")


def _steering() -> str:
    rows = [(f"`{PREFIX} {name}`", MEANING[name][0]) for name in STEER]
    text = "It is merged once every rule of the policy holds; the comment below says which do not yet.\n\n"
    return f"### How to steer\n\n{text}" + table(("Comment", "What it does"), rows)


def _within(head: str, sections: list[str]) -> str:
    """Return the body; sections that do not fit are left out from the longest on, and that is said."""
    kept, left = list(sections), 0
    while len(redact("\n\n".join((head, *kept)))) > MAX_BODY:
        kept.remove(max(kept, key=len))
        left += 1
    note = [f"{left} longer sections were left out; `selfheal explain` has them."] if left else []
    return redact("\n\n".join((head, *kept, *note)))
