"""Catches up on what no webhook told: at the start and every five minutes.

Failed deliveries are sent again once; every open watch looks again after a start; deliveries that were kept but whose
job ended in a fault are tried again; red runs that nobody told of are healed, under the job id that a webhook would
have given them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from bot.errors import BotError, Declined
from bot.serve.jobs import Jobs
from bot.serve.places import Places
from bot.serve.watches import PREFIX
from bot.web.events import FAILED, jobs_of

EVERY_SECONDS = 300.0
SOON_SECONDS = 10.0  # after a start: by then the engine has given up on what was killed too often
RUNS_SINCE = timedelta(hours=24)  # an older red run is history; its branch has moved on or nobody minds
RUNS_READ = 20
APART_SECONDS = 0.5  # thousands may wait, and GitHub minds a rush


class Reconciler:
    """A thread that reconciles now and then; `once` does it now."""

    def __init__(self, places: Places, jobs: Jobs, log: Callable[[str], None]) -> None:
        self._places = places
        self._app = places.app
        self._jobs = jobs
        self._durable = jobs.durable
        self._watches = jobs.watches
        self._log = log
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reconciler", daemon=True)
        self._redelivered: set[str] = set()
        self._first = True

    def start(self) -> None:
        """Begin, at once and then every five minutes."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def _run(self) -> None:
        pause = SOON_SECONDS
        while not self._stop.is_set():
            self.once()
            self._stop.wait(pause)
            pause = EVERY_SECONDS

    def once(self) -> None:
        """Redeliver what failed, retry what broke, see to the watches, look for red runs; what goes wrong is logged."""
        chores = {
            "names": self.named,
            "deliveries": self.redeliver,
            "jobs": self.retry,
            "watches": self.wake,
            "runs": self.runs,
        }
        for name, work in chores.items():
            try:
                count = work()
            except BotError as error:
                self._log(f"reconciling {name}: {error}")
                continue
            if count:
                self._log(f"reconciled {count} {name}")

    def named(self) -> int:
        """Learn the App's own name, by which the receiver knows our own events."""
        self._places.slug()
        return 0

    def redeliver(self) -> int:
        """Ask GitHub to send failed deliveries again, each once; returns how many."""
        delivered = self._app.deliveries()
        fine = {one["guid"] for one in delivered if one["status"] == "OK"}
        failed = [one for one in delivered if one["guid"] not in fine and one["guid"] not in self._redelivered]
        for one in failed:
            self._redelivered.add(one["guid"])
            self._app.redeliver(int(one["id"]))
        return len(failed)

    def retry(self) -> int:
        """Run kept deliveries again whose job ended in a fault; returns how many."""
        broken = [one for one in self._durable.states(prefix="delivery:") if one.status == "ERROR"]
        for one in broken:
            self._durable.retry(one.id)
        return len(broken)

    def wake(self) -> int:
        """Give a look to watches whose job has ended; at the start let the others look too, one after the other.

        Returns how many had no job.
        """
        waiting = self._durable.living(PREFIX)
        lost = 0
        for number, (job, watch_id) in enumerate(self._watches.jobs().items()):
            if job in waiting:
                if self._first:
                    self._durable.wake(job, delay=number * APART_SECONDS)
                continue
            watch = self._watches.get(watch_id)
            if watch is not None:
                self._watches.sleep(watch, number=watch.number, sha=watch.sha, seconds=0.0)
                lost += 1
        self._first = False
        return lost

    def runs(self) -> int:
        """Heal red runs of default branches that no webhook told of; returns how many were new."""
        found = 0
        for installation, repository in self._app.repositories():
            try:
                found += self._missed(installation, repository)
            except Declined as reason:  # Actions are off there, or not for us
                self._log(f"the runs of {repository['full_name']} can't be read: {reason}")
        return found

    def _missed(self, installation: int, repository: Mapping[str, Any]) -> int:
        client = self._app.client(installation, str(repository["full_name"]))
        newest: dict[int, Mapping[str, Any]] = {}
        since = datetime.now(UTC) - RUNS_SINCE
        query = f"/actions/runs?branch={quote(repository['default_branch'], safe='')}&status=completed"
        listed = client.pages(query, key="workflow_runs", limit=RUNS_READ)
        for run in sorted(listed, key=lambda one: int(one["id"]), reverse=True):
            if datetime.fromisoformat(run["created_at"].replace("Z", "+00:00")) > since:
                newest.setdefault(run["workflow_id"], run)
        red = [run for run in newest.values() if run["conclusion"] in FAILED]
        return self._told(installation, repository, red)

    def _told(self, installation: int, repository: Mapping[str, Any], runs: Iterable[Mapping[str, Any]]) -> int:
        fresh = 0
        for run in runs:
            payload = {"action": "completed", "repository": repository, "installation": {"id": installation}}
            wanted = [
                one
                for one in jobs_of("workflow_run", {**payload, "workflow_run": run}, "reconciler")
                if one.name == "heal" and self._durable.state(one.id) is None
            ]
            self._jobs.start_all(wanted, "reconciler")
            fresh += len(wanted)
        return fresh
