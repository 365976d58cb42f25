"""How a merged fix is looked at: its deployment, the checks of the merge commit, the telemetry since."""

from __future__ import annotations

import json
from typing import Literal

from bot import messages
from bot.errors import Refused
from bot.model import (
    CheckState,
    Deployment,
    DeploymentState,
    DeployRequest,
    Merge,
    PullRequest,
    PullRequestFacts,
    Rollout,
    Value,
    Waiting,
    fingerprint,
)
from bot.policy import RepoPolicy
from bot.ports import Clock, Forge, Store
from bot.stages._delivery_base import wake_key
from bot.stages._traffic_base import since_merge

Health = Literal["healthy", "regressed", "unknown"]
SECOND_LOOK_SECONDS = 60.0
FAILED = frozenset({"failure", "error", "failed", "cancelled", "timed_out"})
RUNNING = frozenset({"", "pending", "queued", "in_progress", "waiting", "requested"})


class Look(Value):
    """One look at a merged fix: what was seen, and whether it may still change by itself."""

    health: Health
    reason: str
    settled: bool = True
    at: float = 0.0


def story_of(
    facts: PullRequestFacts, request: DeployRequest, pull: PullRequest, merge: Merge, rollout: Rollout
) -> Deployment:
    """Return the story of a delivery as far as it is known before anybody looks at the result."""
    patch = facts.patch
    return Deployment(
        id=fingerprint(patch.id, request.record_id, length=16),
        subject=request.subject,
        anomaly_id=patch.anomaly_id,
        repository=facts.repository,
        strategy=patch.strategy,
        type=patch.type,
        state="merged" if merge.merged else "closed",
        branch=pull.branch,
        pull_request=pull,
        merge=merge,
        rollout=rollout,
        merged_at=merge.at,
        validation_record=request.record_id,
        facts={"handler": facts.handler, "cause": facts.fingerprint, "patch": patch.id},
    )


def looked_at(
    story: Deployment, merge: Merge, policy: RepoPolicy, ports: tuple[Forge, Store, Clock]
) -> Deployment | Waiting:
    """Return the story with its verdict, or `Waiting` while there is none and the window is still open."""
    forge, store, clock = ports
    rollout = forge.rollout(story.rollout) if story.rollout.id else story.rollout
    checks = forge.checks(merge.sha)
    until = merge.at + 60.0 * policy.deploy.watch_minutes
    story = _noted(story, watch_until=str(until), checks=_results(checks)).model_copy(update={"rollout": rollout})
    # What ran on the head of the pull request will run on the merge too, a little later.
    awaited = (
        any(check.completed_at for check in forge.checks(pull.head_sha)) if (pull := story.pull_request) else False
    )
    ran = _by_checks(checks, policy, awaited=awaited)
    look = _by_rollout(rollout) or _by_telemetry(story, store, ran)
    if not look.settled and clock.now() < until:
        return Waiting(reason=look.reason, wake_key=_key(story), poll_after=SECOND_LOOK_SECONDS)
    if look.health == "regressed":
        return _confirmed(story, merge, look, ports)
    reached: DeploymentState = "deployed" if rollout.id else "merged"
    state = "verified" if look.health == "healthy" else reached
    return _noted(story, seen=look.reason).model_copy(update={"verified": look.health, "state": state})


def _by_rollout(rollout: Rollout) -> Look | None:
    if rollout.id and rollout.state in FAILED:
        return Look(health="regressed", reason=f"the deployment ended as {rollout.state}")
    if rollout.kind != "none" and rollout.state in RUNNING:
        return Look(health="unknown", reason="the deployment still runs", settled=False)
    return None


def _by_telemetry(story: Deployment, store: Store, ran: Look) -> Look:
    """Return what telemetry says where it showed the anomaly; checks that failed, or still run, go before good news."""
    since = since_merge(story, store)
    if since.seen:
        return Look(health="regressed", reason=f"seen again after the merge: {since.said}")
    if ran.health == "regressed" or not ran.settled or "seen_at" not in story.facts:
        return ran
    if since.seen is None:
        reason = f"{ran.reason}, and no telemetry of the time after the merge tells whether it is gone"
        return Look(health="unknown", reason=reason, settled=False)
    return Look(health="healthy", reason="telemetry since the merge does not show it any more")


def _by_checks(checks: tuple[CheckState, ...], policy: RepoPolicy, *, awaited: bool) -> Look:
    if not checks:
        return Look(health="unknown", reason="nothing has run on the merge commit", settled=not awaited)
    if any(check.status != "completed" for check in checks):
        return Look(health="unknown", reason="checks of the merge commit still run", settled=False)
    red = ", ".join(check.name for check in checks if check.conclusion not in policy.checks.pass_)
    if red:
        return Look(health="regressed", reason=f"checks of the merge commit did not pass: {red}")
    return Look(health="healthy", reason="the checks of the merge commit pass")


def _confirmed(story: Deployment, merge: Merge, look: Look, ports: tuple[Forge, Store, Clock]) -> Deployment | Waiting:
    """Return `Waiting` after the first bad look; after a second one, take our merge back."""
    forge, store, clock = ports
    first = store.latest(Look, kind="look", repository=story.repository, key=story.id)
    if first is None:
        store.save(look.model_copy(update={"at": clock.now()}), kind="look", repository=story.repository, key=story.id)
    if first is None or clock.now() - first.at < SECOND_LOOK_SECONDS:
        reason = f"{look.reason}; a second look must confirm it"
        return Waiting(reason=reason, wake_key=_key(story), poll_after=SECOND_LOOK_SECONDS)
    body = messages.revert_body(story.facts["cause"], merge, look.reason)
    try:
        pull = forge.revert(merge, f"Revert: {story.branch}", body)
        told = f"{look.reason}; pull request {pull.number} takes the merge back"
    except Refused as error:
        told = f"{look.reason}; {error}"
    return _noted(story, seen=told).model_copy(update={"verified": "regressed", "state": "failed"})


def _noted(story: Deployment, **facts: str) -> Deployment:
    return story.model_copy(update={"facts": {**story.facts, **facts}})


def _results(checks: tuple[CheckState, ...]) -> str:
    return json.dumps({check.name: check.conclusion for check in checks if check.status == "completed"})


def _key(story: Deployment) -> str:
    return wake_key(story.pull_request.number if story.pull_request else 0)
