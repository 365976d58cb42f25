"""What the delivery of a fix works with: the facts of its cause, the decision, its earlier pull requests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from bot.codebase.changes import diff
from bot.messages import cause_of, handler_name
from bot.model import (
    Anomaly,
    CheckState,
    CheckSummary,
    Decision,
    Diagnosis,
    DiagnosisSet,
    Patch,
    PullRequest,
    PullRequestFacts,
    RuleResult,
    Run,
    ValidationResult,
    fingerprint,
)
from bot.policy import RepoPolicy
from bot.ports import Forge
from bot.registry import units

OWN_CHECK = "selfheal"
DAY = 86_400.0
BAD = frozenset({"failed", "error"})
PROOFS = frozenset({"proof", "tests_required"})
"""The rules that ask for what only a run can give."""
PASSING = frozenset({"conflict", "settled"})
"""The rules that may say no for a moment while the forge makes up its mind."""


def decide(facts: PullRequestFacts, policy: RepoPolicy) -> Decision:
    """Return the decision of all rules together: one no denies, and an `open` no denies the merge too."""
    results = tuple(unit(facts, policy) for unit in units("rule").values())
    blocking = tuple(each for each in results if not each.allows)
    may_open = not any(each.stage == "open" for each in blocking)
    return Decision(may_open=may_open, may_merge=not blocking, blocking=blocking, results=results)


def refused(decision: Decision, reason: str, facts: PullRequestFacts) -> Decision:
    """Return the decision with the forge's own no to a merge that our rules allow, and who can unblock that."""
    wanted = "what the forge itself asks for on this branch"
    said = RuleResult(
        rule="forge", allows=False, stage="merge", seen=reason, wanted=wanted, unblock=_unblocker(reason, facts)
    )
    blocking = (*decision.blocking, said)
    return decision.model_copy(update={"may_merge": False, "blocking": blocking, "results": (*decision.results, said)})


def _unblocker(reason: str, facts: PullRequestFacts) -> str:
    """Return who can unblock a merge, by the words of the forge that refused it."""
    said = reason.lower()
    if "code owner" in said:
        owners = ", ".join(facts.owners) or "An owner of the touched files"
        return f"{owners} can approve by a review; the comment `/selfheal approve` is none."
    if "review" in said or "approval" in said:
        return "Anyone with write permission can approve by a review; the comment `/selfheal approve` is none."
    if "not allowed on this repository" in said:
        return "A maintainer can allow this way to merge, or change `merge.method` in .github/selfheal.yml."
    if "queue" in said or "as soon as" in said:
        return "It goes on by itself."
    return "The page of the pull request says what is missing."


def stands(decision: Decision) -> bool:
    """Return whether the rules still allow a merge that the forge was asked to make later, or only wait a moment."""
    return all(each.rule in PASSING for each in decision.blocking)


def without(decision: Decision, rules: frozenset[str]) -> Decision:
    """Return the decision as it is when some rules are not asked."""
    results = tuple(each for each in decision.results if each.rule not in rules)
    blocking = tuple(each for each in results if not each.allows)
    may_open = not any(each.stage == "open" for each in blocking)
    return Decision(may_open=may_open, may_merge=not blocking, blocking=blocking, results=results)


def facts_of(patch: Patch, validation: ValidationResult, diagnoses: DiagnosisSet, proof: str) -> PullRequestFacts:
    """Return what is known of a fix before the forge is asked; `proof` is the record that proved it."""
    diagnosis = _diagnosis(validation.subject, diagnoses)
    anomaly = next((each for each in diagnoses.anomalies if each.id == patch.anomaly_id), None)
    return PullRequestFacts(
        patch=patch,
        proven=validation.proven,
        repository=diagnoses.repository,
        fingerprint=cause_of(patch.anomaly_id),
        handler=handler_name(diagnosis, anomaly, patch),
        evidence=evidence_of(validation, diagnosis, anomaly),
        proof=fingerprint(proof),
        diagnosis=diagnosis,
        anomaly=anomaly,
        adds_tests="test" in patch.kinds.values(),
        existing_test_proves=turned_green(validation.evidence.before, validation.evidence.after),
    )


def _diagnosis(subject: str, diagnoses: DiagnosisSet) -> Diagnosis | None:
    found = (each.assessed.diagnosis for each in diagnoses.recommendations if each.id == subject)
    return next(found, None)


def evidence_of(validation: ValidationResult, diagnosis: Diagnosis | None, anomaly: Anomaly | None) -> str:
    """Return 8 characters that change when the evidence for the cause does: what fails, and where the fault lies."""
    runs = validation.evidence.before
    failing = sorted({test for run in runs for test, outcome in run.outcomes.items() if outcome in BAD})
    commands = sorted({run.command for run in runs if run.exit_code != 0})
    place = (diagnosis.file, diagnosis.function, diagnosis.pattern) if diagnosis else ()
    return fingerprint(*failing, *commands, *place, anomaly.id if anomaly else "")


def turned_green(before: Iterable[Run], after: Iterable[Run]) -> bool:
    """Return whether a test or command failed before and passes in every run of the same command after."""
    last: dict[str, list[Run]] = {}
    for run in after:
        last.setdefault(run.command, []).append(run)
    return any(_healed(run, last[run.command]) for run in before if run.command in last)


def _healed(before: Run, after: list[Run]) -> bool:
    failing = {test for test, outcome in before.outcomes.items() if outcome in BAD}
    if failing:
        return any(all(run.outcomes.get(test) == "passed" for run in after) for test in failing)
    return before.exit_code not in (0, None) and all(run.exit_code == 0 for run in after)


def made_on(patch: Patch, read: Callable[[str], str | None]) -> bool:
    """Return whether the patch was made on the files as `read` gives them: only then its diff comes out the same."""
    before = {edit.path: read(edit.path) for edit in patch.edits}
    return diff(before, {edit.path: edit.text for edit in patch.edits}) == patch.diff


def with_history(
    facts: PullRequestFacts, mine: tuple[PullRequest, ...], among: Mapping[str, frozenset[int]], now: float
) -> PullRequestFacts:
    """Return the facts with the pull request to go on with, and what earlier ones used up.

    `mine` are all pull requests for the cause; `among` names those with the same `evidence`, of the same `proof`, and
    those `released` by a person who wants a new one. We go on with an open one; with one a person closed, as long as
    the evidence is the same; and with one merged already, when it is this very delivery that goes on.
    """
    ours = [each for each in mine if each.number not in among["released"]]
    open_ = [each for each in ours if each.state == "open"]
    closed = [each for each in ours if each.state == "closed" and each.number in among["evidence"]]
    merged = [each for each in ours if each.state == "merged" and each.number in among["proof"]]
    chosen = next(iter(merged[-1:] or open_[-1:] or closed[-1:]), None)
    earlier = [each for each in mine if each != chosen and (each not in ours or each.state != "open")]
    failed = [each for each in earlier if each in ours and (each.state == "closed" or now - each.opened_at < DAY)]
    return facts.model_copy(
        update={
            "pull_request": chosen,
            "attempts": len(failed),
            "spent_branches": tuple(each.branch for each in earlier),
            "now": now,
        }
    )


def outdated(facts: PullRequestFacts, forge: Forge) -> bool:
    """Return whether the fix has to be made again, because the base is not what it was made on in what it touches.

    A pull request that still merges, on a base that left its files alone, is as good as it was.
    """
    pull = facts.pull_request
    if pull is not None and (pull.state != "open" or pull.taken_over):
        return False
    if pull is not None and not facts.base_touched and pull.mergeable is not False:
        return False
    base = forge.head_of(pull.base if pull else forge.base()) or ""
    return not made_on(facts.patch, lambda path: forge.text(path, base))


def summed_up(head: str, checks: tuple[CheckState, ...], needed: Iterable[str], policy: RepoPolicy) -> CheckSummary:
    """Return the checks of a head: settled when none runs and none is missing, green when all that count passed."""
    wanted = {*policy.checks.required, *needed}
    missing = tuple(sorted(wanted - {check.name for check in checks}))
    counting = [check for check in checks if (check.name in wanted if wanted else not check.own)]
    settled = not missing and all(check.status == "completed" for check in counting)
    passed = all(check.conclusion in policy.checks.pass_ for check in counting)
    green = settled and passed and (bool(counting) or policy.checks.none == "pass")
    return CheckSummary(head_sha=head, checks=checks, settled=settled, green=green, missing=missing)


def wake_key(number: int) -> str:
    """Return the key under which everything that waits for a pull request is woken."""
    return f"pull-request:{number}"
