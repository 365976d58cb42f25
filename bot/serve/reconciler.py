"""Catches up on what no webhook told: at the start and every five minutes.

Failed deliveries are sent again once; every open watch looks again; deliveries that were kept but whose job ended in a
fault are tried again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from bot.adapters.github_client import GitHubApp
from bot.adapters.workflows_dbos import LIVE, Durable
from bot.errors import BotError
from bot.serve.watches import Watch, Watches

EVERY_SECONDS = 300.0
SOON_SECONDS = 10.0  # after a start: by then the engine has given up on what was killed too often


class Reconciler:
    """A thread that reconciles now and then; `once` does it now."""

    def __init__(self, app: GitHubApp, durable: Durable, watches: Watches, log: Callable[[str], None]) -> None:
        self._app = app
        self._durable = durable
        self._watches = watches
        self._log = log
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reconciler", daemon=True)
        self._redelivered: set[str] = set()

    def start(self) -> None:
        """Begin, at once and then every five minutes."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stop.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        pause = SOON_SECONDS
        while not self._stop.is_set():
            self.once()
            self._stop.wait(pause)
            pause = EVERY_SECONDS

    def once(self) -> None:
        """Redeliver what failed, retry what broke, and wake every watch; what goes wrong is logged and comes again."""
        for name, work in (("deliveries", self.redeliver), ("jobs", self.retry), ("watches", self.wake)):
            try:
                count = work()
            except BotError as error:
                self._log(f"reconciling {name}: {error}")
                continue
            if count:
                self._log(f"reconciled {count} {name}")

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
        """Let every watch look again, and give a new look to those whose job has ended; returns how many had none."""
        live = self._watches.live()
        lost = [watch for watch in live if not self._waits(watch)]
        for watch in lost:
            self._watches.sleep(watch, number=watch.number, sha=watch.sha, seconds=0.0)
        for repository in {watch.repository for watch in live}:
            self._watches.wake(repository)
        return len(lost)

    def _waits(self, watch: Watch) -> bool:
        state = self._durable.state(watch.job(0.0).id)
        return state is not None and state.status in LIVE
