"""The App killed at a point of its way from a red run to a deployment, again and again, beside the stand-in.

A point is a request of the App that has an effect, before or after it is carried out, or the end of a beat. A round
takes some points, kills the process at each with SIGKILL, starts it again, and looks at what was made in the end.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot import conductor
from bot.web.events import EVENTS
from bot.web.webhook import FACTS
from tests.e2e.test_loop import DEPLOYS, FILES, REPO, broken
from tests.github import App, StandIn
from tests.github.bot import Bot

EFFECTS = (
    ("POST", "/git/blobs"),
    ("POST", "/git/trees"),
    ("POST", "/git/commits"),
    ("POST", "/git/refs"),
    ("PATCH", "/git/refs/heads"),
    ("POST", "/pulls"),
    ("POST", "/labels"),
    ("POST", "/check-runs"),
    ("POST", "/comments"),
    ("PUT", "/merge"),
    ("DELETE", "/git/refs/heads"),
    ("POST", "/deployments"),
)
ONCE = ("branch", "commit", "pull", "merge", "deployment")
SECONDS = 1800.0  # a busy machine may take long; what hangs is told in the end
AFTER = "learning.track"  # a deployment is there before what is learned from it


@dataclass(frozen=True)
class Point:
    """Where the process is killed: before or after a request, or when a beat has ended."""

    method: str = ""
    part: str = ""
    after: bool = False
    handler: str = ""

    def __str__(self) -> str:
        if self.handler:
            return f"after the beat {self.handler}"
        return f"{'after' if self.after else 'before'} {self.method} {self.part}"


def points() -> list[Point]:
    """Return all points, in the order in which a fix comes to them."""
    plans = [plan for plan in conductor.load_all().values() if plan.sequence.id != AFTER]
    beats = [Point(handler=part.beat.handler) for plan in plans for part in plan.parts if part.ports]
    return beats + [Point(method, part, after) for method, part in EFFECTS for after in (False, True)]


@dataclass(frozen=True)
class Round:
    """What one round came to: its points, those that were reached, what is wrong, and the seconds it took."""

    points: tuple[Point, ...]
    reached: int
    faults: tuple[str, ...]
    seconds: float


class Killer(threading.Thread):
    """Reads the beat events of the App and kills it when a beat ended that is one of the points."""

    def __init__(self, bot: Bot, handlers: Iterable[str]) -> None:
        super().__init__(daemon=True)
        self._bot = bot
        self._path = bot.folder / "state" / "events.jsonl"
        self.left = set(handlers)
        self.over = threading.Event()

    def run(self) -> None:
        """Watch until told to stop."""
        seen = 0
        while not self.over.wait(0.002):
            data = self._path.read_bytes() if self._path.exists() else b""
            end = data.rfind(b"\n") + 1
            for line in data[seen:end].splitlines():
                event = json.loads(line)
                if event["event"] == "beat-completed" and event["handler"] in self.left:
                    self.left.discard(event["handler"])
                    self._bot.kill()
            seen = max(seen, end)


def killed(folder: Path, chosen: tuple[Point, ...]) -> Round:
    """Play one round in a folder of its own."""
    began = time.monotonic()
    with StandIn(folder / "github") as github:
        github.repo(REPO, {**FILES, **DEPLOYS})
        app = github.app()
        github.install(app, REPO)
        with Bot(github, app, folder) as bot:
            for point in chosen:
                if point.method:
                    github.trap(point.method, point.part, bot.kill, after=point.after)
            killer = Killer(bot, [point.handler for point in chosen if point.handler])
            killer.start()
            github.write(REPO, "main", broken("missing import"))
            hung = ""
            try:
                bot.survive(lambda: github.effects.get("deployment"), SECONDS, "the deployment")
            except AssertionError as error:
                hung = str(error)
            github.settle()
            killer.over.set()
            killer.join()
        missed = len(github.traps) + len(killer.left)
        faults = (*filter(None, [hung]), *wrong(github, app, bot))
        return Round(chosen, len(chosen) - missed, faults, time.monotonic() - began)


def wrong(github: StandIn, app: App, bot: Bot) -> Iterable[str]:
    """Yield what was made more or less than once, and what was acknowledged and is not there."""
    for name in ONCE:
        if github.effects.get(name, 0) != 1:
            yield f"{name}: {github.effects.get(name, 0)} times"
    marks = [one["body"].splitlines()[0] for one in github.repos[REPO].comments]
    yield from (f"comment {mark} is there twice" for mark in {one for one in marks if marks.count(one) > 1})
    with sqlite3.connect(bot.folder / "state" / "selfheal.sqlite3") as database:
        kept = {row[0] for row in database.execute("SELECT id FROM sh_deliveries")}
    for row in github.deliveries:
        sender = json.loads(row["data"])["sender"]["login"]
        wanted = row["event"] in EVENTS and (row["event"] in FACTS or sender != app.login)
        if row["status"] == "OK" and wanted and row["guid"] not in kept:
            yield f"the delivery {row['guid']} ({row['event']}) was acknowledged and is lost"
