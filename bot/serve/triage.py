"""What a red run is about: broken on the base already, flaky, of a fork, or caused here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from bot import messages, remarks
from bot.adapters import github_fetch
from bot.chain import Played
from bot.conductor import Outcome
from bot.diary import told, trace
from bot.errors import Declined
from bot.markdown import plain
from bot.messages import cause_of
from bot.model import (
    Annotation,
    CheckState,
    DiagnosisSet,
    PatchSet,
    PullRequestFacts,
    Start,
    ValidationResult,
    Value,
)
from bot.policy import may
from bot.ports import Store
from bot.serve.places import Place
from bot.serve.watches import Watch
from bot.stages._delivery_base import OWN_CHECK, decide, facts_of
from bot.web.events import jobs_of

if TYPE_CHECKING:
    from bot.serve.jobs import Jobs

Data = Mapping[str, Any]
BAD = frozenset({"failure", "timed_out", "startup_failure"})


class Rerun(Value):
    """A run whose failed jobs were asked to run once more."""

    run: int


class Causes(Value):
    """The causes that one look found, by their names on a forge."""

    causes: tuple[str, ...]


def wanted(found: DiagnosisSet | None, starts: Iterable[Start], known: frozenset[str], cause: str) -> tuple[Start, ...]:
    """Return the repairs to start: of causes that nobody else heals, and only of `cause` where it is among them."""
    anomaly = {one.id: one.assessed.diagnosis.anomaly_id for one in found.recommendations} if found else {}
    causes = {subject: cause_of(anomaly_id) for subject, anomaly_id in anomaly.items()}
    fresh = tuple(start for start in starts if causes.get(start.subject) not in known)
    same = tuple(start for start in fresh if cause and causes.get(start.subject) == cause)
    return same or fresh


def healed_elsewhere(jobs: Jobs, place: Place, data: Data) -> frozenset[str]:
    """Return the causes that need no repair of their own: being delivered for this commit, or broken on the base."""
    live = jobs.watches.live(place.repository)
    here = {str(watch.data.get("cause", "")) for watch in live if watch.data.get("sha") == data["sha"]}
    return broken_on_base(jobs, place, data) | here


def broken_on_base(jobs: Jobs, place: Place, data: Data) -> frozenset[str]:
    """Return the causes that the default branch has already, healed there; none when its newest run is green."""
    default = place.forge.default_branch()
    if data["branch"] == default and not data.get("fork"):
        return frozenset()
    query = f"/actions/runs?branch={quote(default, safe='')}&status=completed"
    listed = place.client.pages(query, key="workflow_runs", limit=20)
    newest = [
        run
        for run in sorted(listed, key=lambda one: int(one["id"]), reverse=True)
        if run.get("name") == data.get("workflow") and run["head_sha"] == place.forge.head_of(default)
    ]
    if not newest or newest[0]["conclusion"] not in BAD:
        return frozenset()
    run, attempt = int(newest[0]["id"]), int(newest[0].get("run_attempt") or 1)
    facts = {"run": run, "attempt": attempt, "sha": newest[0]["head_sha"], "branch": default, "fork": False}
    key = f"heal:{place.repository}:{run}.{attempt}"
    seen = jobs.store.latest(Causes, kind="causes", repository=place.repository, key=key)
    if seen is not None:
        return frozenset(seen.causes)
    base = jobs.places.at(data, base=default)
    folder = jobs.places.folder(f"run-{place.repository}-{run}.{attempt}")
    logs = github_fetch.run_logs(place.client, run, attempt, folder / "logs.zip")
    checkout = github_fetch.source(place.client, str(facts["sha"]), folder / "source")
    found = jobs.look(base, {**data, **facts, "key": key}, jobs.seen(str(checkout), logs=(str(logs),)))
    return frozenset(cause_of(one.id) for one in found.anomalies) if found else frozenset()


def unhealed(jobs: Jobs, place: Place, data: Data, reason: str) -> None:
    """Say what came of a cause without a fix; a first red run is tried once more, which tells flaky ones apart."""
    if data.get("again"):
        watch = jobs.watches.get(str(data["again"]), closed=True)
        if watch is not None and watch.number:
            text = f"The fix could not be made again on the base at {str(data['sha'])[:12]}: {plain(reason)}"
            cause = str(watch.data.get("cause", "")) or "again"
            place.forge.comment(watch.number, messages.marker(cause, "again"), text)
        return
    if any(watch.data.get("sha") == data.get("sha") for watch in jobs.watches.live(place.repository)):
        return  # another cause of this run is being healed: a new commit tells more than the same one once more
    again = Rerun(run=int(data.get("run") or 0))
    key = {"kind": "rerun", "repository": place.repository, "key": str(again.run)}
    if again.run and data.get("attempt") == 1:
        if jobs.store.latest(Rerun, **key) is not None:
            return  # another cause of this run asked for it
        jobs.store.save(again, **key)
        told(f"the failed jobs of run {data['run']} run once more: {reason}", repository=place.repository)
        place.client.write("POST", f"/actions/runs/{data['run']}/rerun-failed-jobs", {})
    elif data.get("run"):
        report(place, str(data["sha"]), f"This failed twice, and nothing was mended: {plain(reason)}")


def passed_again(jobs: Jobs, data: Data) -> None:
    """Say that a run was flaky when its first attempt was red and looked at, and a later one passed."""
    if int(data.get("attempt") or 1) < 2 or jobs.durable.state(f"heal:{data['repository']}:{data['run']}.1") is None:
        return
    text = "This failed and then passed on the same commit, so it is flaky: nothing is changed for it."
    report(jobs.places.at(data), str(data["sha"]), text)


def report(place: Place, sha: str, text: str, notes: tuple[Annotation, ...] = ()) -> None:
    """Leave a neutral check of ours on a commit that is not ours; without the right to, nothing is left."""
    check = CheckState(name=OWN_CHECK, status="completed", conclusion="neutral", annotations=notes)
    try:
        place.forge.report(sha, check, text)
    except Declined as no:
        told(f"no check can be left on {sha}: {no}", repository=place.repository)


def stand_by(place: Place, sha: str, base: str) -> None:
    """Leave our check on a commit that is not ours where the base demands it, so that nobody waits for it for ever."""
    if base and sha and OWN_CHECK in place.forge.required_checks(base) and not _checked(place, sha):
        report(place, sha, "There is nothing to heal here that is known of.")


def _checked(place: Place, sha: str) -> bool:
    return any(check.own and check.name == OWN_CHECK for check in place.forge.checks(sha))


def once_more(jobs: Jobs, place: Place, data: Data) -> None:
    """Look again at the red runs of a commit because a person who may asked our check to run again."""
    if data["action"] != "retry" or not may(place.forge.permission(str(data["user"])), "write"):
        return
    payload = {
        "action": "completed",
        "repository": {"full_name": place.repository},
        "installation": {"id": place.installation},
    }
    query = f"/actions/runs?head_sha={data['sha']}&status=completed"
    for run in place.client.pages(query, key="workflow_runs", limit=20):
        asked = jobs_of("workflow_run", {**payload, "workflow_run": run}, str(data["key"]))
        jobs.start_all((replace(one, id=f"{data['key']}:{one.id}") for one in asked if one.name == "heal"), trace())


def observed(place: Place, data: Data, found: DiagnosisSet | None) -> None:
    """Say what was found where the policy lets us only look."""
    notes = remarks.of_causes(found) if found else ()
    report(place, str(data["sha"]), remarks.observed(found, place.policy_broken), notes)


def refused(place: Place, watch: Watch, ended: Outcome) -> None:
    """Say on the commit that a fix was made for which rules refuse it; a pull request that is there says so itself."""
    facts, sha = ended.results.get("facts"), str(watch.data.get("sha") or "")
    if ended.state != "declined" or not sha or not isinstance(facts, PullRequestFacts) or facts.pull_request:
        return
    decision = decide(facts, place.policy)
    if not decision.may_open:
        text = f"A fix is at hand and may not be proposed.\n\n{messages.why(decision)}"
        report(place, sha, text, remarks.of_rules(facts, decision))


def offer(jobs: Jobs, place: Place, data: Data, proof: ValidationResult) -> None:
    """Offer a proven fix for a fork's branch as a patch in a comment on its pull request; we never push there."""
    if proof.patch is None:
        raise Declined("there is no patch to offer")
    diagnoses = jobs.store.load(jobs.store.load(proof.patch_record, PatchSet).diagnosis_record, DiagnosisSet)
    facts = facts_of(proof.patch, proof, diagnoses, proof.id)
    decision = decide(place.forge.facts(facts), place.policy)
    if not decision.may_open:
        raise Declined("the rules do not allow this patch: " + "; ".join(one.seen for one in decision.blocking))
    owner = str(data.get("head", "")).partition("/")[0]
    head = quote(f"{owner}:{data['branch']}", safe="")
    for pull in place.client.pages(f"/pulls?state=open&head={head}"):
        if pull["head"]["sha"] == data["sha"]:
            place.forge.comment(int(pull["number"]), *messages.offered(facts, proof))


def unproven(store: Store, last: Played) -> str:
    """Return why the last sequence that was played brought no proven fix."""
    kept = last.sequence == "validation.run" and last.outcome.record_id
    refusals = store.load(last.outcome.record_id, ValidationResult).refusals if kept else ()
    return "; ".join(["no fix is proven", *refusals[:3]])
