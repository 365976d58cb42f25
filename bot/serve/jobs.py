"""What each job of the App does. A job may run twice: it looks before it acts, and starts others under fixed ids."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

from bot import conductor
from bot.adapters import github_fetch
from bot.adapters.inbox import Inbox
from bot.adapters.workflows_dbos import Durable, Job
from bot.chain import Played
from bot.diary import told, trace, tracing
from bot.errors import Declined, Misconfigured, Refused, Transient
from bot.messages import cause_of
from bot.model import DiagnosisSet, Intake, PullRequest, Request, Start, ValidationResult, Value, Waiting
from bot.policy import only_observes
from bot.serve import remaking, steering, triage
from bot.serve.places import Place, Places, plans_of
from bot.serve.watches import Watch, Watches
from bot.web.events import Wanted, jobs_of

Data = Mapping[str, Any]
OWN_BRANCHES = ("auto-fix/", "revert/")
HEAL_SECONDS = 900.0
RETRIES = 5
QUIET_LOOKS, QUIET_SECONDS = 15, 3600.0
NAMES = "delivery heal repair tick wake green command button upload window dequeued measured".split()
KEPT = ("run", "attempt", "sha", "fork", "head", "again", "cause", "telemetry")


class Green(Value):
    """A commit whose run was green: the newest one donates to repairs."""

    sha: str
    branch: str
    run: int


@dataclass(frozen=True)
class Seen:
    """What one look has before it: a checkout, logs or telemetry, and the causes that are healed elsewhere."""

    checkout: str
    logs: tuple[str, ...] = ()
    telemetry: tuple[str, ...] = ()
    known: frozenset[str] = frozenset()


class Jobs:
    """The jobs by name; `register` gives them to the durable engine."""

    def __init__(self, places: Places, durable: Durable, inbox: Inbox, watches: Watches) -> None:
        self.places = places
        self.durable = durable
        self.inbox = inbox
        self.watches = watches
        self.store = places.world.store

    def register(self) -> None:
        """Give every job to the durable engine under its name."""
        for name in NAMES:
            self.durable.register(name, self.guarded(name, getattr(self, name)))
        self.durable.register("remake", self.guarded("remake", lambda data: remaking.remake(self, data)))
        for name in ("policy", "group", "installation", "repository"):
            self.durable.register(name, self.guarded(name, getattr(self, f"on_{name}")))

    def guarded(self, name: str, work: Callable[[Data], None]) -> Callable[[Data], None]:
        """Return a job that ends quietly when declined, and comes again later when the world failed for a moment."""

        def run(data: Data) -> None:
            facts = {"job": data.get("key", name), "repository": data.get("repository", "")}
            began = monotonic()
            with tracing(str(data.get("trace", ""))):
                try:
                    work(data)
                except (Declined, Refused, Misconfigured) as reason:
                    told(f"{name} {type(reason).__name__.lower()}: {reason}", **facts)
                except Transient as error:
                    self.again(name, data, error)
                else:
                    told(f"{name} done", seconds=round(monotonic() - began, 3), **facts)

        return run

    def again(self, name: str, data: Data, error: Transient) -> None:
        """Start a job again later: as long as GitHub asks for, else a poll's time that doubles; at most five times."""
        tries = int(data.get("tries", 0)) + 1
        told(f"{name} failed ({tries}): {error}", job=data.get("key", name), repository=data.get("repository", ""))
        if tries > RETRIES:
            return
        delay = error.retry_after or self.places.world.settings.poll_seconds * 2 ** (tries - 1)
        key = f"{data.get('key') or data.get('id') or json.dumps(dict(data), sort_keys=True)[:80]}"
        again = Job(
            f"again:{name}:{key}:{tries}",
            name,
            {**data, "tries": tries},
            partition=str(data.get("repository", "-")),
            delay=delay,
        )
        self.durable.start(again)

    def delivery(self, data: Data) -> None:
        """Read a delivery and start the jobs it asks for."""
        found = self.inbox.load(str(data["id"]))
        self.start_all(jobs_of(found.event, json.loads(found.body), found.id), found.id)

    def start_all(self, wanted: Iterable[Wanted], source: str) -> None:
        """Start jobs that were asked for; `source` is the delivery that their log lines go back to."""
        for one in wanted:
            more = {**one.data, "key": one.id, "trace": source}
            self.durable.start(Job(one.id, one.name, more, partition=one.repository))

    def replay(self, delivery: str) -> str:
        """Start what a kept delivery asked for once more, whatever came of it before; returns the new jobs' ids."""
        found = self.inbox.load(delivery)
        mark = f"replay:{secrets.token_hex(4)}"
        wanted = jobs_of(found.event, json.loads(found.body), found.id)
        self.start_all((replace(one, id=f"{mark}:{one.id}") for one in wanted), found.id)
        return "\n".join(f"{mark}:{one.id}" for one in wanted)

    def seen(self, checkout: str, *, logs: tuple[str, ...] = (), telemetry: tuple[str, ...] = ()) -> Seen:
        """Return what a look has before it."""
        return Seen(checkout, logs=logs, telemetry=telemetry)

    def green(self, data: Data) -> None:
        """Remember the newest green commit of a branch; a run that was red before was flaky."""
        value = Green(sha=str(data["sha"]), branch=str(data["branch"]), run=int(data["run"]))
        self.store.save(value, kind="green", repository=str(data["repository"]), key=value.branch)
        triage.passed_again(self, data)

    def heal(self, data: Data) -> None:
        """Read a red run, find its causes, and start a repair for each."""
        branch = str(data["branch"])
        if branch.startswith(OWN_BRANCHES):
            raise Declined("a run on a branch of our own is looked at by its pull request")
        base = "" if data.get("fork") else branch
        place = self.places.at(data, base=base)
        self.current(place, data)
        if remaking.made_on(self, place, str(data["sha"])):
            raise Declined("the fix of an open pull request was made on this commit already")
        folder = self.places.folder(f"run-{place.repository}-{data['run']}.{data['attempt']}")
        logs = github_fetch.run_logs(place.client, int(data["run"]), int(data["attempt"]), folder / "logs.zip")
        more = github_fetch.artifacts(place.client, int(data["run"]), folder)
        checkout = github_fetch.source(place.client, str(data["sha"]), folder / "source")
        known = triage.healed_elsewhere(self, place, data)
        self.look(place, data, Seen(str(checkout), logs=(str(logs),), telemetry=tuple(map(str, more)), known=known))

    def measured(self, data: Data) -> None:
        """Read the telemetry and coverage that a green run of the default branch left as artifacts, if it did."""
        place = self.places.at(data)
        self.current(place, data)
        folder = self.places.folder(f"run-{place.repository}-{data['run']}.{data['attempt']}")
        found = github_fetch.artifacts(place.client, int(data["run"]), folder, github_fetch.MEASURED)
        if not found:
            return
        checkout = github_fetch.source(place.client, str(data["sha"]), folder / "source")
        kept = tuple(str(self.store.fetch(self.store.keep(path.read_bytes()))) for path in found)
        about = {key: data[key] for key in ("repository", "installation", "branch", "sha", "key")}
        self.look(place, about, Seen(str(checkout), telemetry=kept))
        self.watches.wake(place.repository)

    def current(self, place: Place, data: Data) -> None:
        """Raise `Declined` when the branch has moved on since the run, or is gone."""
        head = place.forge.head_of(str(data["branch"]))
        if not data.get("fork") and head != data["sha"]:
            raise Declined("the branch has moved on since this run")

    def look(self, place: Place, data: Data, seen: Seen) -> DiagnosisSet | None:
        """Play sequences 1 to 3 on what was seen, start a repair for each cause, and return the causes, if any."""
        green = self.store.latest(Green, kind="green", repository=place.repository, key=str(data.get("branch", "")))
        texts = shipped()
        good = green.sha if green else ""
        intake = Intake(
            repository=place.repository,
            checkout=seen.checkout,
            logs=seen.logs,
            telemetry=seen.telemetry,
            good=good,
            sequences=f"{seen.checkout}/{place.policy.telemetry.sequences}",
        )
        request = self.request(place, str(data["key"]), seen.checkout, good).model_copy(update={"intake": intake})
        chain = self.places.chain(place, plans_of(texts))
        begin = Start(event="telemetry.parse.requested", request_id=request.request_id, record_id="")
        last = chain.follow(begin, request, lambda start: start.event != "generate.fix.requested")[-1]
        record = last.outcome.record_id if last.sequence == "diagnosis.analyze" else ""
        found = self.store.load(record, DiagnosisSet) if record else None
        done = last.outcome.completed
        causes = triage.Causes(causes=tuple(sorted(cause_of(one.id) for one in found.anomalies)) if found else ())
        self.store.save(causes, kind="causes", repository=place.repository, key=str(data["key"]))
        starts = done.starts if done else ()
        if only_observes(place.policy):
            triage.observed(place, data, found)
            return found
        for start in triage.wanted(found, starts, seen.known, str(data.get("cause", ""))):
            # A fix of a red run is made again by what its checks say then.
            shown = () if seen.logs else seen.telemetry
            self.repairing(place, {**data, "telemetry": shown}, seen.checkout, start, texts)
        if not starts:
            triage.unhealed(self, place, data, "nothing was found that can be healed")
        return found

    def request(self, place: Place, key: str, checkout: str, good: str) -> Request:
        """Return the request of one run of sequences."""
        return Request(
            request_id=key,
            repository=place.repository,
            checkout=checkout,
            good=good,
            deadline=self.places.world.clock.now() + HEAL_SECONDS,
        )

    def repairing(self, place: Place, data: Data, checkout: str, start: Start, texts: Mapping[str, str]) -> None:
        """Start the repair of one cause; the sequences travel with it."""
        more = {
            **{key: data[key] for key in KEPT if key in data},
            "repository": place.repository,
            "installation": place.installation,
            "branch": data.get("branch", ""),
            "base": data.get("branch", "") if not data.get("fork") else "",
            "checkout": checkout,
            "start": start.model_dump(mode="json"),
            "sequences": dict(texts),
            "key": start.request_id,
            "trace": trace(),
        }
        self.durable.start(Job(f"repair:{start.request_id}", "repair", more, partition=place.repository))

    def repair(self, data: Data) -> None:
        """Write and prove a fix for one cause; a proven one is delivered and watched, on a fork it is a comment."""
        place = self.places.at(data, base=str(data.get("base", "")))
        if only_observes(place.policy):
            raise Declined(f"the policy only observes {place.policy_broken}".strip())
        chain = self.places.chain(place, plans_of(data["sequences"]))
        request = self.request(place, str(data["key"]), str(data["checkout"]), "")
        played = chain.follow(
            Start.model_validate(data["start"]), request, lambda start: start.event == "validate.requested"
        )
        last = played[-1]
        done = last.outcome.completed
        if last.sequence != "validation.run" or done is None or not done.starts:
            reason = last.outcome.reason or triage.unproven(self.store, last)
            triage.unhealed(self, place, data, reason)
            raise Declined(reason)
        proof = self.store.load(done.starts[0].record_id, ValidationResult)
        if data.get("fork"):
            triage.offer(self, place, data, proof)
            return
        self.watch(place, data, done.starts[0], cause_of(proof.patch.anomaly_id) if proof.patch else "")

    def watch(self, place: Place, data: Data, start: Start, cause: str) -> None:
        """Deliver a proven fix and watch it; one that was made again takes the place of the one before."""
        name = f"{place.repository}:{start.record_id}"
        more = {
            "repository": place.repository,
            "installation": place.installation,
            "base": data.get("base", ""),
            "start": start.model_dump(mode="json"),
            "sequences": data["sequences"],
            "checkout": data["checkout"],
            "telemetry": data.get("telemetry", ()),
            "cause": cause,
            "sha": data.get("sha", ""),
            "again": data.get("again", ""),
            "trace": trace(),
        }
        for other in self.watches.live(place.repository):
            if other.id != name and other.data.get("cause") == cause and remaking.open_still(place, other):
                self.watches.close(other.id)
        self.watches.open(name, place.repository, more)

    def tick(self, data: Data) -> None:
        """Deliver a fix as far as it goes now, then sleep, or look back and close the watch."""
        watch = self.watches.get(str(data["watch"]))
        if watch is None:
            return
        with tracing(str(watch.data.get("trace", ""))):
            self.look_at(watch, data)

    def look_at(self, watch: Watch, data: Data) -> None:
        """Play the sequences of a watch once, and let it sleep or close it."""
        place = self.places.at(watch.data, base=str(watch.data.get("base", "")))
        played = self.delivered(place, watch)
        ended = played[-1].outcome
        remaking.where_needed(self, place, watch, ended.results)
        if isinstance(ended.waiting, Waiting):
            pull = ended.results.get("pull_request")
            number = pull.number if isinstance(pull, PullRequest) else watch.number
            sha = pull.head_sha if isinstance(pull, PullRequest) else watch.sha
            quiet = int(data.get("quiet", 0)) + 1 if watch.seq == data.get("seq") else 0
            poll = patience(min(ended.waiting.poll_after, self.places.world.settings.poll_seconds), quiet)
            self.watches.sleep(watch, number=number, sha=sha, seconds=poll, quiet=quiet)
            return
        triage.refused(place, watch, ended)
        self.watches.close(watch.id)
        told(f"{played[-1].sequence} {ended.state}: {ended.reason or watch.id}", repository=watch.repository)

    def delivered(self, place: Place, watch: Watch) -> tuple[Played, ...]:
        """Play sequence 6, and 7 when it completes; each look is a run of its own that adopts what is there."""
        chain = self.places.chain(place, plans_of(watch.data["sequences"]))
        start = Start.model_validate(watch.data["start"])
        begin = start.model_copy(update={"request_id": f"{watch.id}:{watch.tick}"})
        request = self.request(place, begin.request_id, str(watch.data["checkout"]), "")
        return chain.follow(begin, request)

    def wake(self, data: Data) -> None:
        """Let pull requests of ours look again."""
        self.watches.wake(str(data["repository"]), sha=str(data.get("sha", "")), number=int(data.get("number", 0) or 0))

    def command(self, data: Data) -> None:
        """Carry out a comment command, with the permission asked of GitHub now."""
        place = self.places.at(data)
        if steering.command(place, data) == "retry":
            remaking.asked(self, place, int(data["number"]), str(data["key"]))
        self.watches.wake(place.repository, number=int(data["number"]))

    def dequeued(self, data: Data) -> None:
        """Hold a pull request of ours that a merge queue threw out: it goes back in when a person says so."""
        steering.hold(self.places.at(data), int(data["number"]), "merge-queue")
        self.watches.wake(str(data["repository"]), number=int(data["number"]))

    def button(self, data: Data) -> None:
        """Carry out a button of our check run."""
        place = self.places.at(data)
        mine = [one for one in self.watches.live(place.repository) if one.sha == data["sha"]]
        for watch in mine:
            if steering.button(place, watch.number, data) == "retry":
                remaking.asked(self, place, watch.number, str(data["key"]))
            self.watches.wake(place.repository, number=watch.number)
        if not mine:
            triage.once_more(self, place, data)

    def upload(self, data: Data) -> None:
        """Read logs that another CI sent, find causes, and start repairs."""
        place = self.places.at(data, base=str(data.get("branch", "")))
        folder = self.places.folder(f"upload-{data['key']}")
        checkout = github_fetch.source(place.client, str(data["sha"]), folder / "source")
        logs = tuple(str(self.store.fetch(ref)) for ref in data["refs"])
        self.look(place, data, Seen(str(checkout), logs=logs))

    def window(self, data: Data) -> None:
        """Close a telemetry window."""
        from bot.serve.intake import window

        window(self, data)

    def on_policy(self, data: Data) -> None:
        """Check the policy file of a pull request and say on it what is wrong."""
        steering.check_policy(self.places.at(data), str(data["sha"]))
        self.on_group(data)

    def on_group(self, data: Data) -> None:
        """Do not let what is not ours wait for our check."""
        triage.stand_by(self.places.at(data), str(data["sha"]), str(data["base"]))

    def on_installation(self, data: Data) -> None:
        """Close the watches of repositories that the App was removed from; let others look again."""
        action, listed = data["action"], set(data.get("repositories") or ())
        live = self.watches.live()
        mine = [one for one in live if one.data.get("installation") == data["installation"] or one.repository in listed]
        if action in ("deleted", "suspend", "removed"):
            for watch in mine:
                if action != "removed" or watch.repository in listed:
                    self.watches.close(watch.id)
            return
        for repository in {one.repository for one in mine}:
            self.watches.wake(repository)

    def on_repository(self, data: Data) -> None:
        """Close the watches of a repository that was archived or deleted; follow one that has another name."""
        repository, action = str(data["repository"]), data["action"]
        if action in ("archived", "deleted"):
            for watch in self.watches.live(repository):
                self.watches.close(watch.id)
        elif action in ("renamed", "transferred"):
            for watch in self.watches.live(str(data["before"])):
                # The installation is asked for again: a transfer changes it.
                self.watches.move(watch, repository, {**watch.data, "repository": repository, "installation": 0})
            self.watches.wake(repository)


def patience(seconds: float, quiet: int) -> float:
    """Return how long to sleep after so many looks without an event: `seconds` at first, then longer, at most an hour.

    A webhook wakes earlier; polling only guards against lost ones, and thousands may wait.
    """
    return max(seconds, min(QUIET_SECONDS, seconds * 2.0 ** min(20, quiet - QUIET_LOOKS)))


def shipped() -> dict[str, str]:
    """Return the texts of the sequences by file name."""
    files = sorted(path for path in conductor.folder().glob("*.json") if path.name != "schema.json")
    return {path.name: path.read_text(encoding="utf-8") for path in files}
