"""Deliver the fix: rules, branch, commits, pull request, checks, merge, deployment, verification.

Every effect looks first and adopts what is there, so that the sequence can start again from its first beat at any time.
"""

from __future__ import annotations

from itertools import count

from bot import messages, remarks, views
from bot.errors import Declined, Misconfigured
from bot.model import (
    Branch,
    CheckState,
    CheckSummary,
    Completed,
    Decision,
    Deployment,
    DeployRequest,
    DiagnosisSet,
    Known,
    Merge,
    PatchSet,
    PullRequest,
    PullRequestFacts,
    Request,
    Rollout,
    Start,
    TelemetryMetrics,
    ValidationResult,
    Waiting,
)
from bot.policy import RepoPolicy
from bot.ports import Clock, Forge, Store
from bot.registry import handler
from bot.stages._delivery_base import (
    OWN_CHECK,
    PROOFS,
    decide,
    facts_of,
    made_on,
    outdated,
    refused,
    stands,
    summed_up,
    wake_key,
    with_history,
    without,
)
from bot.stages._traffic_base import about
from bot.stages._verification_base import looked_at, story_of

POLL_SECONDS = 60.0
KINDS = ("code", "test", "docs")
STEERED = ("released", "ignored")  # marks that a person's command leaves on a pull request
BUDGETS = frozenset({"budget", "ci_minutes"})
BUDGET_KEY, BUDGET_SECONDS = "budget", 600.0


@handler(returns="deploy_request")
def deploy_requested(request: Request, known: Known | None) -> DeployRequest | Known:
    """Accept the request to deliver a proven fix, or return the known answer; raises `Misconfigured` without an id."""
    if not request.request_id:
        raise Misconfigured("Invalid request ID", hint="Give the request an id.")
    if known is not None:
        return known
    return DeployRequest(
        request_id=request.request_id,
        record_id=request.record_id,
        subject=request.subject,
        deadline=request.deadline,
    )


@handler(returns=("validation", "facts"))
def load_validation_results(
    deploy_request: DeployRequest, policy: RepoPolicy, store: Store, forge: Forge, clock: Clock
) -> tuple[ValidationResult, PullRequestFacts]:
    """Return the proof and all facts the rules look at; raises `Declined` when nothing is proven.

    The patch of a workflow comes unproven: only the forge can run it.
    """
    validation = store.load(deploy_request.record_id, ValidationResult)
    if validation.patch is None or not (validation.proven or validation.patch.touches == "workflows"):
        raise Declined(f"nothing to deliver: {'; '.join(validation.refusals) or 'no fix is proven'}")
    patches = store.load(validation.patch_record, PatchSet)
    diagnoses = store.load(patches.diagnosis_record, DiagnosisSet)
    facts = facts_of(validation.patch, validation, diagnoses, deploy_request.record_id)
    facts = facts.model_copy(update={"view": _view(facts, diagnoses, store)})
    mine = forge.find(messages.marker(facts.fingerprint, "fix"))
    values = {"evidence": facts.evidence, "proof": facts.proof, **dict.fromkeys(STEERED, facts.fingerprint)}
    among = {
        kind: frozenset(each.number for each in forge.find(messages.marker(value, kind)))
        for kind, value in values.items()
    }
    if among["ignored"] - among["proof"]:
        raise Declined("a person asked to leave this cause alone")
    facts = with_history(facts, mine, among, clock.now())
    if facts.pull_request is not None and facts.pull_request.base != forge.base():
        raise Declined(f"pull request {facts.pull_request.number} into {facts.pull_request.base} heals this cause")
    return validation, forge.facts(facts)


def _view(facts: PullRequestFacts, diagnoses: DiagnosisSet, store: Store) -> str:
    """Return the picture that belongs to the anomaly's type, from the metrics that the diagnosis rests on."""
    known = diagnoses.telemetry_record
    metrics = store.load(known, TelemetryMetrics) if known else TelemetryMetrics()
    return views.of_anomaly(facts.anomaly, metrics, diagnoses.anomalies)


@handler(returns="decision")
def check_approval(facts: PullRequestFacts, policy: RepoPolicy) -> Decision | Waiting:
    """Return the decision of all rules; raises `Declined` with the reasons when no pull request may be opened.

    A spent budget is no refusal: room is waited for. The patch of a workflow is only offered as a comment: the rules on
    its proof are for people to judge.
    """
    decision = decide(facts, policy)
    if facts.patch.touches == "workflows":
        decision = without(decision, PROOFS)
    if decision.may_open or (facts.pull_request is not None and facts.pull_request.state != "open"):
        return decision
    blocking = [each for each in decision.blocking if each.stage == "open"]
    reasons = " | ".join(f"{each.rule}: {each.seen}; wanted: {each.wanted}" for each in blocking)
    if all(each.rule in BUDGETS for each in blocking):
        return Waiting(reason=reasons, wake_key=BUDGET_KEY, poll_after=BUDGET_SECONDS)
    raise Declined(f"the rules do not allow this pull request: {reasons}")


@handler(returns="branch")
def create_branch(validation: ValidationResult, facts: PullRequestFacts, decision: Decision, forge: Forge) -> Branch:
    """Return our branch for the cause, created at the base or adopted; raises `Declined` when the base has the fix.

    The patch of a workflow gets no branch, since the App may not change workflows: it is offered as a comment, and the
    delivery ends with `Declined`.
    """
    pull = facts.pull_request
    if pull is not None and pull.state != "open":
        return Branch(name=pull.branch, base=pull.base, base_sha="", head_sha=pull.head_sha, adopted=True)
    if pull is None and forge.holds(facts.patch.edits):
        raise Declined("the base branch has this fix already")
    if facts.patch.touches == "workflows":
        mark = messages.marker(facts.fingerprint, "offer")
        where = forge.offer(mark, messages.title(facts.patch.type, facts.handler), messages.offer(facts, validation))
        raise Declined(f"offered as a comment, since only people may change workflows: {where}")
    if pull is None and outdated(facts, forge):
        raise Declined("the base branch has changed what this fix touches: it has to be made again")
    return forge.branch(pull.branch if pull else _free_name(facts), forge.base())


def _free_name(facts: PullRequestFacts) -> str:
    names = (messages.branch_name(facts.patch.type, facts.handler, facts.fingerprint, redo) for redo in count(1))
    return next(name for name in names if name not in facts.spent_branches)


@handler(returns="head")
def apply_changes(branch: Branch, validation: ValidationResult, facts: PullRequestFacts, forge: Forge) -> Branch:
    """Return the branch with the fix committed, one commit each for code, tests and docs, adopted where it is there.

    A branch that a person committed to, or that is merged or closed, stays as it is. Where the base has changed what
    the fix touches, and the fix was made on the base as it is now, one commit with two parents brings the branch there.
    """
    pull = facts.pull_request
    if pull is not None and (pull.state != "open" or pull.taken_over):
        return branch
    if pull is not None and (facts.base_touched or pull.mergeable is False):
        base = forge.head_of(branch.base) or ""
        if made_on(facts.patch, lambda path: forge.text(path, base)):
            sha = forge.commit(branch, facts.patch.edits, messages.commit_message(facts, "code"), onto=base)
            return branch.model_copy(update={"head_sha": sha, "base_sha": base})
    head = branch
    for kind in KINDS:
        edits = tuple(edit for edit in facts.patch.edits if facts.patch.kinds.get(edit.path, "code") == kind)
        if edits:
            sha = forge.commit(head, edits, messages.commit_message(facts, kind))
            head = head.model_copy(update={"head_sha": sha})
    return head


@handler(returns="pull_request")
def create_pull_request(
    head: Branch,
    validation: ValidationResult,
    facts: PullRequestFacts,
    decision: Decision,
    policy: RepoPolicy,
    forge: Forge,
) -> PullRequest:
    """Return the pull request of the branch, opened or adopted, with the proof reported as a check on its head."""
    if facts.pull_request is not None and facts.pull_request.state != "open":
        return facts.pull_request
    title = messages.title(facts.patch.type, facts.handler)
    labels = (messages.LABEL, facts.patch.type)
    pull = forge.open(head, title, messages.body(facts, validation), labels)
    if facts.pull_request is None:
        forge.ask(pull.number, facts.owners)
    check = CheckState(
        name=OWN_CHECK,
        status="completed",
        conclusion="success",
        url=pull.url,
        annotations=remarks.of_delivery(facts),
    )
    if not pull.taken_over:
        forge.report(pull.head_sha, check, messages.why(decision))
    return pull


@handler(returns="check_summary")
def run_ci_checks(
    pull_request: PullRequest, facts: PullRequestFacts, policy: RepoPolicy, forge: Forge, clock: Clock
) -> CheckSummary | Waiting:
    """Return the checks of the head, read afresh; wait, and say so, while one runs or a required one is missing."""
    needed = forge.required_checks(pull_request.base)
    summary = summed_up(pull_request.head_sha, forge.checks(pull_request.head_sha), needed, policy)
    if pull_request.state != "open" or summary.settled:
        return summary
    waiting_for = ", ".join(summary.missing) or "checks that still run"
    now = _afresh(pull_request, facts, forge, clock)
    _waits(now, decide(now, policy), summary, forge)
    return Waiting(reason=f"waiting for {waiting_for}", wake_key=wake_key(pull_request.number), poll_after=POLL_SECONDS)


@handler(returns="merge")
def auto_merge_pr(
    pull_request: PullRequest,
    check_summary: CheckSummary,
    facts: PullRequestFacts,
    policy: RepoPolicy,
    forge: Forge,
    clock: Clock,
) -> Merge | Waiting:
    """Return the merge, made when all rules, asked afresh, allow it; wait with the reasons when they do not."""
    number, method = pull_request.number, policy.merge.method
    fresh = _afresh(pull_request, facts, forge, clock)
    now = fresh.pull_request or pull_request
    if now.state == "closed":
        return Merge(merged=False, method=method, reason="closed without a merge")
    if now.state == "merged":
        return forge.merge(number, now.head_sha, method, delete_branch=policy.merge.delete_branch)
    if not check_summary.settled or now.head_sha != check_summary.head_sha:
        unread = f"the checks of {now.head_sha[:7]} are not all read yet"
        return Waiting(reason=unread, wake_key=wake_key(number), poll_after=POLL_SECONDS)
    decision = decide(fresh, policy)
    if decision.may_merge:
        merge = forge.merge(number, now.head_sha, method, delete_branch=policy.merge.delete_branch)
        if merge.merged:
            return merge
        _tell(fresh, refused(decision, merge.reason, fresh), check_summary, forge)
        return Waiting(reason=f"not merged: {merge.reason}", wake_key=wake_key(number), poll_after=POLL_SECONDS)
    _waits(fresh, decision, check_summary, forge)
    reasons = "; ".join(f"{each.rule}: {each.seen}, wanted {each.wanted}" for each in decision.blocking)
    return Waiting(reason=reasons, wake_key=wake_key(number), poll_after=POLL_SECONDS)


def _afresh(pull: PullRequest, facts: PullRequestFacts, forge: Forge, clock: Clock) -> PullRequestFacts:
    return forge.facts(facts.model_copy(update={"pull_request": forge.pull_request(pull.number), "now": clock.now()}))


def _waits(facts: PullRequestFacts, decision: Decision, summary: CheckSummary, forge: Forge) -> None:
    """Say what is waited for; what the forge was to merge later stays with us while our rules say no."""
    pull = facts.pull_request
    if pull is not None and pull.state == "open" and not stands(decision):
        forge.withdraw(pull.number)
    _tell(facts, decision, summary, forge)


def _tell(facts: PullRequestFacts, decision: Decision, summary: CheckSummary, forge: Forge) -> None:
    pull = facts.pull_request
    if pull is not None and pull.state == "open":
        text = messages.status(facts.fingerprint, pull.head_sha, decision, summary)
        forge.comment(pull.number, messages.marker(facts.fingerprint, "status"), text)


@handler(returns="rollout")
def deploy_to_production(merge: Merge, policy: RepoPolicy, forge: Forge) -> Rollout:
    """Return the deployment asked for, as the policy says, or the reason there is none."""
    if not merge.merged:
        return Rollout(reason=merge.reason or "nothing was merged")
    deploy = policy.deploy
    if deploy.kind == "none":
        return Rollout(reason="the policy asks for no deployment")
    return forge.deploy(merge.sha, deploy.environment, deploy.kind, deploy.workflow)


@handler(returns="deployment")
def verify_deployment(
    rollout: Rollout,
    merge: Merge,
    pull_request: PullRequest,
    validation: ValidationResult,
    facts: PullRequestFacts,
    decision: Decision,
    deploy_request: DeployRequest,
    policy: RepoPolicy,
    forge: Forge,
    store: Store,
    clock: Clock,
) -> Deployment | Waiting:
    """Return the story of the delivery with what was seen after the merge, stored; wait while that can't be told.

    A result that got worse is looked at twice; confirmed, our own merge is taken back by a pull request.
    """
    story = story_of(facts, deploy_request, forge.pull_request(pull_request.number), merge, rollout)
    # A merge was allowed by all rules, whatever they said when the pull request was opened.
    asked = Decision(may_open=True, may_merge=True) if merge.merged else decision
    shown = about(facts.anomaly, validation, store)
    story = story.model_copy(update={"decision": asked, "facts": {**story.facts, **shown}})
    if merge.merged:
        seen = looked_at(story, merge, policy, (forge, store, clock))
        if isinstance(seen, Waiting):
            return seen
        story = seen
        text = messages.merged(facts.fingerprint, merge, story.verified)
        forge.comment(pull_request.number, messages.marker(facts.fingerprint, "status"), text)
    record = store.save(story, kind="deployment", repository=story.repository, key=story.id)
    store.answer("deployment.deploy", deploy_request.request_id, record)
    return story.model_copy(update={"facts": {**story.facts, "record": record}})


@handler(returns="completed")
def deploy_completed(deploy_request: DeployRequest, deployment: Deployment) -> Completed:
    """Return the end of the delivery and the event that starts the look back."""
    record = deployment.facts["record"]
    number = deployment.pull_request.number if deployment.pull_request else 0
    start = Start(
        event="track.requested",
        request_id=f"{deploy_request.request_id}/track",
        record_id=record,
        subject=deploy_request.subject,
    )
    summary = f"pull request {number} is {deployment.state}, verification: {deployment.verified}"
    return Completed(record_id=record, summary=summary, starts=(start,))
