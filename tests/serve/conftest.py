"""The App in this process beside the stand-in: one for a module, because the durable engine is one in a process."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from bot.app import Options
from bot.serve.server import Running
from bot.settings import read
from tests.github import App, StandIn

REPO = "acme/depot"


@dataclass(frozen=True)
class Around:
    """The running App and the stand-in around it."""

    github: StandIn
    app: App
    running: Running
    installation: int

    def deliver(self, event: str, **payload: Any) -> None:
        """Send a delivery and return when all that it started has ended."""
        whole = {**self.github.around(self.github.repos[REPO], "ann", self.installation), **payload}
        body = json.dumps(whole).encode()
        assert self.running.keep(str(uuid.uuid4()), event, body).result(60)
        end = time.monotonic() + 120
        while busy := [one for one in self.running.durable.states(live=True) if one.status != "DELAYED"]:
            assert time.monotonic() < end, busy
            time.sleep(0.02)

    def watch(self, name: str, *, sha: str = "a" * 40, number: int = 0, **data: Any) -> None:
        """Open a watch that sleeps for an hour."""
        given = {"repository": REPO, "installation": self.installation, **data}
        self.running.watches.open(name, given["repository"], given)
        known = self.running.watches.get(name)
        assert known is not None
        self.running.watches.sleep(known, number=number, sha=sha, seconds=3600.0)

    def seq(self, name: str) -> int:
        """Return how many events a watch has seen."""
        known = self.running.watches.get(name)
        return known.seq if known else -1


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Around]:
    folder = tmp_path_factory.mktemp("app")
    with StandIn(folder / "github", actions=False) as github:
        github.repo(REPO, {"a.py": "x = 1\n"}).people["ann"] = "write"
        app = github.app()
        number = github.install(app, REPO)
        environment = {"APP_ID": str(app.id), "PRIVATE_KEY": app.pem, "WEBHOOK_SECRET": app.secret}
        more = {"GITHUB_API_URL": github.url, "GITHUB_SERVER_URL": github.url, "SELFHEAL_PACE_SECONDS": "0"}
        running = Running(read({**environment, **more}, state=str(folder / "state")), Options(trust_code=True))
        running.open()
        try:
            yield Around(github, app, running, number)
        finally:
            running.close()
