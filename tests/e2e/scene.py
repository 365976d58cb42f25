"""Scenes for end-to-end tests: one stand-in and one served App for many repositories, each with a proven fix at hand.

The App is served in this process, so that a scene can hand it a fix that is proven already and begin
with its delivery.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import uvicorn

from bot.adapters.uploaders import Uploaders
from bot.app import Options
from bot.model import Patch, Start
from bot.serve.jobs import shipped
from bot.serve.server import Running, create
from bot.settings import read
from tests.deliver import world
from tests.github import App, StandIn, actions
from tests.github.bot import free_port, post
from tests.github.standin import Repo

SECONDS = 150.0
QUICK = "merge: {settle_seconds: 0}\n"
FILES = {"pkg/__init__.py": "", "pkg/a.py": world.BROKEN, "tests/test_a.py": world.TEST}
RULES = ".github/selfheal.yml"
CI = ".github/workflows/ci.yml"
WORKFLOW = "name: CI\non: [push]\njobs: {test: {runs-on: ubuntu-latest, steps: [{run: python -m pytest}]}}\n"


@dataclass
class Town:
    """A stand-in with an App that is served here."""

    github: StandIn
    app: App
    running: Running
    folder: Path

    def scene(
        self,
        name: str,
        policy: str = "",
        *,
        ci: str | None = "success",
        base: Mapping[str, str] = FILES,
        **files: str,
    ) -> Scene:
        """Return a repository of its own with the App installed.

        `ci` is how its checks end, None for never; `real` runs them, on a version that passes to begin with.
        """
        full = f"{name}/{name}"
        real = {"pkg/a.py": world.FIXED, CI: WORKFLOW} if ci == "real" else {}
        rules = policy if "merge:" in policy else QUICK + policy
        repo = self.github.repo(full, {**base, RULES: rules, **real, **files})
        repo.people |= {"ann": "write", "bob": "write", "eve": "read"}
        repo.script = None if real else lambda _branch, _sha: ci or ""
        self.github.install(self.app, full)
        return Scene(self, repo)

    def rest(self) -> None:
        """End all watches, and return when no job is at work."""
        for watch in self.running.watches.live():
            self.running.watches.close(watch.id)
        self.settle()

    def settle(self) -> None:
        """Return when no job is at work."""
        until(lambda: not any(one.status == "PENDING" for one in self.running.durable.states(live=True)), "the jobs")


@contextmanager
def town(folder: Path, *, api: str = "", **environment: str) -> Iterator[Town]:
    """Serve the App for a stand-in of its own until the block ends; `api` is the path that the API lies under."""
    with StandIn(folder / "github", prefix=api) as github:
        app = github.app()
        port = free_port()
        app.webhook_url = f"http://127.0.0.1:{port}/api/github/webhooks"
        settings = read(
            {
                "APP_ID": str(app.id),
                "PRIVATE_KEY": app.pem,
                "WEBHOOK_SECRET": app.secret,
                "GITHUB_API_URL": github.url + api,
                "GITHUB_SERVER_URL": github.url,
                "PORT": str(port),
                "SELFHEAL_STATE": str(folder / "state"),
                "SELFHEAL_PACE_SECONDS": "0",
                "SELFHEAL_POLL_SECONDS": "1",
                **environment,
            }
        )
        made = create(settings, Options(trust_code=True))
        server = uvicorn.Server(uvicorn.Config(made, host="127.0.0.1", port=port, log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, name="served", daemon=True)
        thread.start()
        until(lambda: server.started, "the server")
        try:
            here = Town(github, app, made.state.running, folder)
            yield here
            here.rest()
        finally:
            server.should_exit = True
            thread.join(timeout=60)


def until(true: Callable[[], object], what: str, seconds: float = SECONDS) -> Any:
    """Return what `true` gives as soon as that is something; fails when it does not become so in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        got = true()
        if got:
            return got
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds:g} s for {what}")


@dataclass
class Scene:
    """One repository in a town."""

    town: Town
    repo: Repo

    @property
    def name(self) -> str:
        """Return the repository's full name."""
        return self.repo.name

    def fix(self, fix: Patch | None = None, sha: str = "", **over: Any) -> Scene:
        """Hand the App a fix that is proven, as sequence 5 leaves it, for a commit where one is named."""
        running = self.town.running
        record = world.proven(running.world.store, fix or world.patch(diff=DIFF), repository=self.name, **over)
        start = Start(event="deploy.requested", request_id=record, record_id=record, subject="rec-1")
        data = {
            "repository": self.name,
            "installation": 0,
            "base": "",
            "sha": sha,
            "start": start.model_dump(mode="json"),
            "sequences": shipped(),
            "checkout": "",
        }
        running.watches.open(f"{self.name}:{record}", self.name, data)
        return self

    def push(self, files: dict[str, str | None], branch: str = "main", user: str = "ann") -> str:
        """Push files as a person and return the commit."""
        return self.town.github.write(self.name, branch, files, user=user)

    def upload(self, lines: Iterable[str]) -> int:
        """Send events as another program does, and return the status."""
        running = self.town.running
        token = Uploaders(running.world.store.engine, running.settings).make(self.name)
        address = f"http://127.0.0.1:{running.settings.port}/api/logs?repository={self.name}"
        sha = self.repo.git.head("main")
        return post(f"{address}&sha={sha}", "".join(f"{line}\n" for line in lines).encode(), "text/plain", token)

    def export(self, lines: Iterable[str]) -> None:
        """Send events as spans, as a program with OpenTelemetry's exporter does: a trace for each execution."""
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        running = self.town.running
        token = Uploaders(running.world.store.engine, running.settings).make(self.name)
        address = f"http://127.0.0.1:{running.settings.port}/v1/traces"
        provider = TracerProvider(shutdown_on_exit=False)
        headers = {"Authorization": f"Bearer {token}"}
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(address, headers=headers)))
        tracer = provider.get_tracer("shop")
        ended = [event for event in map(json.loads, lines) if event["event"] == "beat-completed"]
        for _, steps in groupby(ended, lambda event: event["execution"]):
            first, *others = steps
            root = tracer.start_span(first["sequence"], start_time=times(first)[0])
            for step in (first, *others):
                told = {"context": json.dumps(step["context"])} if "context" in step else {}
                begin, end = times(step)
                around = trace.set_span_in_context(root)
                tracer.start_span(step["handler"], around, attributes=told, start_time=begin).end(end)
            root.end(end)
        assert provider.force_flush()
        provider.shutdown()

    def pull(self, number: int = 1) -> dict[str, Any]:
        """Return a pull request, once it is there."""
        return until(lambda: self.repo.pulls.get(number), f"pull request {number}")  # type: ignore[no-any-return]

    def ready(self, number: int = 1) -> dict[str, Any]:
        """Return a pull request whose status has been told once."""
        pull = self.pull(number)
        self.told("Head", number)
        return pull

    def told(self, words: str, number: int = 1) -> str:
        """Return the comment of ours with certain words, once it is there."""
        mine = lambda: [c["body"] for c in self.repo.comments if c["issue"] == number and bot(c)]  # noqa: E731
        return until(lambda: next((text for text in mine() if words in text), ""), f"{words!r} on {self.name}")  # type: ignore[no-any-return]

    def approve(self, user: str = "ann", number: int = 1) -> Scene:
        """Approve by comment as a person."""
        self.town.github.comment(self.name, number, user, "/selfheal approve")
        return self

    def merged(self, number: int = 1) -> str:
        """Return the merge commit, once there is one."""
        pull = self.pull(number)
        return until(lambda: pull["merged_at"] and pull["merge_commit_sha"], f"the merge of {self.name}")  # type: ignore[no-any-return]

    def quiet(self) -> None:
        """Return when the App has had two more looks at each pull request of ours, the second from its beginning."""
        watches = self.town.running.watches
        for _ in range(2):
            before = {one.id: one.tick for one in watches.live(self.name)}
            watches.wake(self.name)
            ended = lambda: all((now := watches.get(one)) is None or now.tick > n for one, n in before.items())  # noqa: B023, E731
            until(ended, "a look")

    def check(self, conclusion: str, name: str = actions.CHECK, sha: str = "") -> None:
        """Report a check of the pull request's head, or of another commit, as ended."""
        pull = self.repo.pulls[1]
        actions.tell(self.town.github, self.repo, (pull["head"]["ref"], sha or pull["head"]["sha"]), conclusion, name)

    def touched(self, commit: str) -> list[str]:
        """Return the paths that a commit changed."""
        return self.repo.git.git("show", "--format=", "--name-only", commit).split()

    def text(self, path: str, ref: str = "main") -> str:
        """Return a file's text."""
        return self.repo.git.git("show", f"{ref}:{path}") + "\n"


def times(event: Mapping[str, Any]) -> tuple[int, int]:
    """Return when an event's beat began and ended, in nanoseconds since 1970."""
    end = int(datetime.fromisoformat(event["timestamp"]).timestamp() * 1e9)
    return end - int(event["duration_ms"] * 1e6), end


def bot(comment: dict[str, Any]) -> bool:
    """Return whether a comment is ours."""
    return bool(comment["user"]["login"].endswith("[bot]"))


DIFF = (
    "diff --git a/pkg/a.py b/pkg/a.py\n--- a/pkg/a.py\n+++ b/pkg/a.py\n@@ -1,2 +1,2 @@\n def total(a, b):\n"
    "-    return a - b\n+    return a + b\n"
)
