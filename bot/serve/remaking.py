"""A fix made again: the base has moved under it, or a person asked for it. The new one takes the old one's place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot.adapters import github_fetch
from bot.adapters.workflows_dbos import Job
from bot.errors import Declined
from bot.messages import marker
from bot.model import PullRequest, PullRequestFacts
from bot.serve.places import Place
from bot.serve.steering import mark
from bot.serve.watches import Watch
from bot.stages._delivery_base import outdated

if TYPE_CHECKING:
    from bot.serve.jobs import Jobs

Data = Mapping[str, Any]
BAD = frozenset({"failure", "timed_out", "startup_failure"})


def where_needed(jobs: Jobs, place: Place, watch: Watch, results: Mapping[str, object]) -> None:
    """Let the fix of a watch be made again when its base has changed what it touches; once for each base."""
    facts = results.get("facts")
    if isinstance(facts, PullRequestFacts) and outdated(facts, place.forge):
        _start(jobs, place, watch, "")


def asked(jobs: Jobs, place: Place, number: int, key: str) -> None:
    """Let the fix of a pull request be made again because a person said so, and its failed checks run again."""
    watch = jobs.watches.of_pull(place.repository, number)
    if watch is None:
        return
    place = jobs.places.at(watch.data, base=str(watch.data.get("base", "")))
    pull = place.forge.pull_request(number)
    if pull.state == "open" and not pull.taken_over:
        _rerun(place, pull)
    _start(jobs, place, watch, key)


def _start(jobs: Jobs, place: Place, watch: Watch, key: str) -> None:
    sha = place.forge.head_of(place.forge.base()) or ""
    name = f"remake:{watch.id}:{sha}:{key}"
    data = {"watch": watch.id, "repository": place.repository, "sha": sha, "key": name}
    jobs.durable.start(Job(name, "remake", data, partition=place.repository))


def _rerun(place: Place, pull: PullRequest) -> None:
    runs = place.client.pages(f"/actions/runs?head_sha={pull.head_sha}&status=completed", key="workflow_runs")
    for run in runs:
        if run["conclusion"] in BAD:
            place.client.write("POST", f"/actions/runs/{run['id']}/rerun-failed-jobs", {})


def open_still(place: Place, watch: Watch) -> bool:
    """Return whether a watch waits for a pull request that is open, or not there yet."""
    return not watch.number or place.forge.pull_request(watch.number).state == "open"


def made_on(jobs: Jobs, place: Place, sha: str, cause: str = "") -> bool:
    """Return whether a fix that was made again on a commit is watched now: of a cause, or of any."""
    live = [watch for watch in jobs.watches.live(place.repository) if watch.data.get("sha") == sha]
    return any(watch.data.get("cause") == cause if cause else watch.data.get("again") for watch in live)


def remake(jobs: Jobs, data: Data) -> None:
    """Look at the base as it is now; a cause that is still there is repaired again, one that is gone is let go."""
    watch = jobs.watches.get(str(data["watch"]), closed=True)
    if watch is None:
        raise Declined("the watch is not there any more")
    place = jobs.places.at(watch.data, base=str(watch.data.get("base", "")))
    sha = str(data["sha"])
    if made_on(jobs, place, sha, str(watch.data.get("cause", "")) or "-"):
        raise Declined("the fix was made on this commit already")
    folder = jobs.places.folder(f"again-{place.repository}-{sha}")
    checkout = github_fetch.source(place.client, sha, folder / "source")
    more = {
        "branch": place.forge.base(),
        "sha": sha,
        "key": data["key"],
        "again": watch.id,
        "cause": watch.data.get("cause", ""),
        "pull": watch.number,
    }
    found = jobs.look(place, more, jobs.seen(str(checkout), telemetry=tuple(watch.data.get("telemetry", ()))))
    if found is None and watch.number:
        let_go(jobs, place, watch, sha)


def let_go(jobs: Jobs, place: Place, watch: Watch, sha: str) -> None:
    """Close a pull request whose cause is gone from the base, and say so."""
    pull = place.forge.pull_request(watch.number)
    if pull.state != "open" or pull.taken_over:
        return
    text = f"What this heals is not seen on `{pull.base}` at {sha[:12]} any more, so it is closed."
    place.forge.comment(pull.number, marker(str(watch.data.get("cause", "")) or "gone", "gone"), text)
    mark(place, pull.number, "released")
    place.client.write("PATCH", f"/pulls/{pull.number}", {"state": "closed"})
    jobs.watches.close(watch.id)
