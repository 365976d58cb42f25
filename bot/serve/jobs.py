"""What each job of the App does. A job may run twice: it looks before it acts, and starts others under fixed ids."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from time import monotonic
from typing import Any

from bot import conductor
from bot.adapters import github_fetch
from bot.adapters.inbox import Inbox
from bot.adapters.workflows_dbos import Durable, Job
from bot.chain import Played
from bot.diary import told, trace, tracing
from bot.errors import Declined, Misconfigured, Refused, Transient
from bot.model import Intake, PullRequest, Request, Start, Value, Waiting
from bot.policy import only_observes
from bot.serve.places import Place, Places, plans_of
from bot.serve.watches import Watch, Watches
from bot.web.events import Wanted, jobs_of

Data = Mapping[str, Any]
OWN_BRANCHES = ("auto-fix/", "revert/")
HEAL_SECONDS = 900.0
RETRIES = 5
QUIET_LOOKS, QUIET_SECONDS = 15, 3600.0


class Green(Value):
    """A commit whose run was green: the newest one donates to repairs."""

    sha: str
    branch: str
    run: int


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
        for name in ("delivery", "heal", "repair", "tick", "wake", "green", "command", "button", "upload", "window"):
            self.durable.register(name, self.guarded(name, getattr(self, name)))
        for name in ("policy", "installation", "repository"):
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
        key = f"{data.get('id') or data.get('watch') or data.get('key') or json.dumps(dict(data), sort_keys=True)[:80]}"
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

    def green(self, data: Data) -> None:
        """Remember the newest green commit of a branch."""
        value = Green(sha=str(data["sha"]), branch=str(data["branch"]), run=int(data["run"]))
        self.store.save(value, kind="green", repository=str(data["repository"]), key=value.branch)

    def heal(self, data: Data) -> None:
        """Read a red run, find its causes, and start a repair for each."""
        branch = str(data["branch"])
        if branch.startswith(OWN_BRANCHES):
            raise Declined("a run on a branch of our own is looked at by its pull request")
        base = "" if data.get("fork") else branch
        place = self.places.at(data, base=base)
        self.current(place, data)
        folder = self.places.folder(f"run-{place.repository}-{data['run']}.{data['attempt']}")
        logs = github_fetch.run_logs(place.client, int(data["run"]), int(data["attempt"]), folder / "logs.zip")
        more = github_fetch.artifacts(place.client, int(data["run"]), folder)
        checkout = github_fetch.source(place.client, str(data["sha"]), folder / "source")
        self.look(place, data, str(checkout), (str(logs), *map(str, more)))

    def current(self, place: Place, data: Data) -> None:
        """Raise `Declined` when the branch has moved on since the run, or is gone."""
        head = place.forge.head_of(str(data["branch"]))
        if not data.get("fork") and head != data["sha"]:
            raise Declined("the branch has moved on since this run")

    def look(
        self, place: Place, data: Data, checkout: str, logs: tuple[str, ...], *, telemetry: tuple[str, ...] = ()
    ) -> None:
        """Play sequences 1 to 3 on logs or telemetry and a checkout, and start a repair for each cause."""
        green = self.store.latest(Green, kind="green", repository=place.repository, key=str(data.get("branch", "")))
        texts = shipped()
        request = self.request(place, str(data["key"]), checkout, green.sha if green else "").model_copy(
            update={
                "intake": Intake(
                    repository=place.repository,
                    checkout=checkout,
                    logs=logs,
                    telemetry=telemetry,
                    good=green.sha if green else "",
                    sequences=f"{checkout}/{place.policy.telemetry.sequences}",
                )
            }
        )
        chain = self.places.chain(place, plans_of(texts))
        begin = Start(event="telemetry.parse.requested", request_id=request.request_id, record_id="")
        played = chain.follow(begin, request, lambda start: start.event != "generate.fix.requested")
        done = played[-1].outcome.completed
        for start in done.starts if done else ():
            self.repairing(place, data, checkout, start, texts)

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
        """Write and prove a fix for one cause; a proven one is delivered and watched."""
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
            raise Declined(last.outcome.reason or "no fix is proven")
        self.watches.open(
            f"{place.repository}:{done.starts[0].record_id}",
            place.repository,
            {
                "repository": place.repository,
                "installation": place.installation,
                "base": data.get("base", ""),
                "start": done.starts[0].model_dump(mode="json"),
                "sequences": data["sequences"],
                "checkout": data["checkout"],
                "trace": trace(),
            },
        )

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
        if isinstance(ended.waiting, Waiting):
            pull = ended.results.get("pull_request")
            number = pull.number if isinstance(pull, PullRequest) else watch.number
            sha = pull.head_sha if isinstance(pull, PullRequest) else watch.sha
            quiet = int(data.get("quiet", 0)) + 1 if watch.seq == data.get("seq") else 0
            poll = patience(min(ended.waiting.poll_after, self.places.world.settings.poll_seconds), quiet)
            self.watches.sleep(watch, number=number, sha=sha, seconds=poll, quiet=quiet)
            return
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
        from bot.serve.steering import command

        place = self.places.at(data)
        command(place, data)
        self.watches.wake(place.repository, number=int(data["number"]))

    def button(self, data: Data) -> None:
        """Carry out a button of our check run."""
        from bot.serve.steering import button

        place = self.places.at(data)
        for watch in self.watches.live(place.repository):
            if watch.sha == data["sha"]:
                button(place, watch.number, data)
                self.watches.wake(place.repository, number=watch.number)

    def upload(self, data: Data) -> None:
        """Read logs that another CI sent, find causes, and start repairs."""
        place = self.places.at(data, base=str(data.get("branch", "")))
        folder = self.places.folder(f"upload-{data['key']}")
        checkout = github_fetch.source(place.client, str(data["sha"]), folder / "source")
        logs = tuple(str(self.store.fetch(ref)) for ref in data["refs"])
        self.look(place, data, str(checkout), logs)

    def window(self, data: Data) -> None:
        """Close a telemetry window."""
        from bot.serve.intake import window

        window(self, data)

    def on_policy(self, data: Data) -> None:
        """Check the policy file of a pull request and say on it what is wrong."""
        from bot.serve.steering import check_policy

        check_policy(self.places.at(data), str(data["sha"]))

    def on_installation(self, data: Data) -> None:
        """Close the watches of repositories that the App was removed from; let others look again."""
        action, listed = data["action"], set(data.get("repositories") or ())
        mine = [one for one in self.watches.live() if one.data.get("installation") == data["installation"]]
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
