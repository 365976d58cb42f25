"""How a merged fix is looked at: its deployment, the checks of the merge commit, the telemetry since."""

from __future__ import annotations

from typing import Literal

from bot import messages
from bot.errors import Refused
from bot.model import AnomalySet, CheckState, Deployment, Value, Waiting
from bot.policy import RepoPolicy
from bot.ports import Clock, Forge, Store
from bot.stages._delivery_base import summed_up, wake_key

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


def looked_at(story: Deployment, policy: RepoPolicy, forge: Forge, store: Store, clock: Clock) -> Deployment | Waiting:
    """Return the story with its verdict, or `Waiting` while there is none and the window is still open."""
    rollout = forge.rollout(story.rollout) if story.rollout.id else story.rollout
    story = story.model_copy(update={"rollout": rollout})
    look = _look(story, policy, forge, store)
    key = wake_key(story.pull_request.number if story.pull_request else 0)
    window = 60.0 * policy.deploy.watch_minutes
    if not look.settled and clock.now() - story.merged_at < window:
        return Waiting(reason=look.reason, wake_key=key, poll_after=SECOND_LOOK_SECONDS)
    if look.health == "regressed":
        return _confirmed(story, look, forge, store, clock)
    state: Literal["verified", "merged", "deployed"] = "deployed" if rollout.id else "merged"
    return story.model_copy(
        update={
            "verified": look.health,
            "state": "verified" if look.health == "healthy" else state,
            "facts": {**story.facts, "seen": look.reason},
        }
    )


def _look(story: Deployment, policy: RepoPolicy, forge: Forge, store: Store) -> Look:
    assert story.merge is not None
    rollout, sha = story.rollout, story.merge.sha
    if rollout.id and rollout.state in FAILED:
        return Look(health="regressed", reason=f"the deployment ended as {rollout.state}")
    if rollout.id and rollout.state in RUNNING:
        return Look(health="unknown", reason="the deployment still runs", settled=False)
    since = [each for each in store.since(story.merged_at, AnomalySet, kind="anomalies", repository=story.repository)]
    again = [each for found in since for each in found.all_anomalies if each.id == story.anomaly_id]
    if again:
        return Look(health="regressed", reason=f"seen again after the merge: {again[0].description}")
    return _by_checks(forge.checks(sha), sha, bool(since), policy)


def _by_checks(checks: tuple[CheckState, ...], sha: str, telemetry: bool, policy: RepoPolicy) -> Look:
    summary = summed_up(sha, checks, (), policy)
    if not checks:
        if telemetry:
            return Look(health="healthy", reason="telemetry since the merge does not show the cause again")
        return Look(health="unknown", reason="nothing has run on the merge commit")
    if any(check.status != "completed" for check in checks):
        return Look(health="unknown", reason="checks of the merge commit still run", settled=False)
    red = ", ".join(check.name for check in checks if check.conclusion not in policy.checks.pass_)
    if red:
        return Look(health="regressed", reason=f"checks of the merge commit did not pass: {red}")
    return Look(health="healthy" if summary.green else "unknown", reason="the checks of the merge commit pass")


def _confirmed(story: Deployment, look: Look, forge: Forge, store: Store, clock: Clock) -> Deployment | Waiting:
    """Return `Waiting` after the first bad look; after a second one, take our merge back."""
    assert story.merge is not None
    first = store.latest(Look, kind="look", repository=story.repository, key=story.id)
    if first is None:
        store.save(look.model_copy(update={"at": clock.now()}), kind="look", repository=story.repository, key=story.id)
    if first is None or clock.now() - first.at < SECOND_LOOK_SECONDS:
        key = wake_key(story.pull_request.number if story.pull_request else 0)
        reason = f"{look.reason}; a second look must confirm it"
        return Waiting(reason=reason, wake_key=key, poll_after=SECOND_LOOK_SECONDS)
    cause = story.facts["cause"]
    try:
        pull = forge.revert(
            story.merge, f"Revert: {story.branch}", messages.revert_body(cause, story.merge, look.reason)
        )
        told = f"{look.reason}; pull request {pull.number} takes the merge back"
    except Refused as error:
        told = f"{look.reason}; {error}"
    return story.model_copy(update={"verified": "regressed", "state": "failed", "facts": {**story.facts, "seen": told}})
