"""The composition root: settings become adapters, adapters become a stage, and a stage plays sequences.

This is the only module that imports adapters.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO

from bot import conductor, policy
from bot.chain import Chain
from bot.conductor import Stage
from bot.errors import Refused
from bot.healed import Report, Wish
from bot.healing import Healer
from bot.model import Delivery, PullRequest, Request, Start
from bot.policy import RepoPolicy
from bot.ports import (
    Advisor,
    Clock,
    Codec,
    Environment,
    Environments,
    Forge,
    Progress,
    Sandbox,
    Source,
    Store,
    Workflows,
)
from bot.settings import Settings

NO_SANDBOX = "Install bubblewrap (Debian: apt-get install bubblewrap), or pass --trust-code if you trust the code."


EVENTS_BYTES = 64_000_000


class Silent:
    """Progress that nobody watches."""

    def say(self, text: str) -> None:
        """Drop the line."""

    def advance(self, task: str, done: int, total: int | None = None) -> None:
        """Drop the step."""


class Direct:
    """The step runner of the command line: every step runs at once, in this process."""

    def step(self, name: str, work: Callable[[], dict[str, object]], codec: Codec) -> dict[str, object]:
        """Return what `work` returns."""
        return work()


class NoCodec:
    """The codec of a runner that stores nothing."""

    def dump(self, results: Mapping[str, object]) -> str:
        """Refuse: a direct runner never stores a step."""
        raise Refused("a direct run stores no steps")

    def load(self, text: str) -> dict[str, object]:
        """Refuse: a direct runner never stores a step."""
        raise Refused("a direct run stores no steps")


@dataclass(frozen=True)
class InPlaceOf:
    """Environments that look beside the user's own checkout, whichever copy of it is worked on."""

    inner: Environments
    original: Path

    def prepare(
        self, tree: Path, needs: tuple[str, ...], *, original: Path | None = None, fresh: bool = False
    ) -> Environment:
        """Return an environment for `tree` that holds `needs`."""
        return self.inner.prepare(tree, needs, original=self.original, fresh=fresh)


@dataclass(frozen=True)
class Options:
    """What the caller of `heal` may choose beside the wish itself."""

    trust_code: bool = False
    deliver: Path | None = None
    original: Path | None = None


class Events:
    """Writes beat events to a file, one JSON object a line, from any thread; a full file makes room for a new one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextIO | None = None
        self._lock = threading.Lock()

    def __call__(self, event: conductor.Event) -> None:
        """Write one event."""
        line = json.dumps(event) + "\n"
        with self._lock:
            if self._file is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self._path.open("a", encoding="utf-8", buffering=1)
            self._file.write(line)
            if self._file.tell() > EVENTS_BYTES:
                self._file.close()
                self._file = None
                self._path.replace(self._path.with_suffix(".old.jsonl"))

    def close(self) -> None:
        """Close the file; another event opens it again."""
        with self._lock:
            if self._file is not None:
                self._file.close()
            self._file = None


@dataclass(frozen=True)
class World:
    """The adapters of one run; `close` gives everything back."""

    settings: Settings
    store: Any
    source: Any
    environments: Any
    sandbox: Any
    clock: Any
    progress: Progress
    forge: Any = None
    advisor: Any = None
    events: Events | None = None

    def stage(self) -> Stage:
        """Return the stage that sequences are played on."""
        ports: dict[type, object] = {
            Store: self.store,
            Source: self.source,
            Environments: self.environments,
            Sandbox: self.sandbox,
            Clock: self.clock,
            Progress: self.progress,
            Workflows: Direct(),
            Advisor: self.advisor,
        }
        if self.forge is not None:
            ports[Forge] = self.forge
        return Stage(ports, Direct(), NoCodec(), sink=self.sink(), now=self.clock.now)

    def sink(self) -> conductor.Sink:
        """Return where beat events go: the state's event file, if there is one."""
        return self.events or (lambda _event: None)


@contextmanager
def world(
    settings: Settings, *, progress: Progress | None = None, options: Options = Options(), read_only: bool = False
) -> Iterator[World]:
    """Open the adapters for one run and close them after it."""
    from bot.adapters.advisor import adviser
    from bot.adapters.clock import SystemClock
    from bot.adapters.environments import UvEnvironments
    from bot.adapters.git import GitSource
    from bot.adapters.sandbox import pick
    from bot.adapters.store import open_store

    settings.state.mkdir(parents=True, exist_ok=True)
    store = open_store(settings.database, settings.state, read_only=read_only)
    clock = SystemClock()
    sandbox = pick(trust=options.trust_code)
    found = UvEnvironments(environments_folder(), sandbox=sandbox)
    events = None if read_only else Events(settings.state / "events.jsonl")
    made = World(
        settings=settings,
        store=store,
        source=GitSource(),
        environments=InPlaceOf(found, options.original) if options.original else found,
        sandbox=sandbox,
        clock=clock,
        progress=progress or Silent(),
        forge=_forge(options, clock),
        advisor=adviser(settings.model),
        events=events,
    )
    try:
        yield made
    finally:
        if events is not None:
            events.close()
        store.close()


def environments_folder() -> Path:
    """Return the folder where environments are kept from run to run: the platform's cache folder."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("selfheal", appauthor=False)) / "environments"


def _forge(options: Options, clock: Clock) -> Any:
    if options.deliver is None or options.original is None:
        return None
    from bot.adapters.forge_local import LocalForge

    options.deliver.mkdir(parents=True, exist_ok=True)
    return LocalForge.create(options.deliver, options.original, clock)


def read_policy(top: Path) -> RepoPolicy:
    """Return the policy of a checkout; raises `Misconfigured` naming file, line and key when it is broken."""
    file = top / policy.FILE
    return policy.load(file.read_text(encoding="utf-8")) if file.is_file() else RepoPolicy()


def repository_name(top: Path) -> str:
    """Return the name a local checkout goes by: its folder's name."""
    return f"local/{top.name}"


def find_top(path: Path) -> Path:
    """Return the top of the checkout that holds `path`; raises `Misconfigured` when there is none."""
    from bot.adapters.git import GitSource

    return GitSource().top(path)


def heal(settings: Settings, wish: Wish, progress: Progress, options: Options) -> Report:
    """Heal a checkout and return the report; raises `Misconfigured` for bad input, `Refused` without a sandbox."""
    rules = read_policy(wish.checkout)
    with world(settings, progress=progress, options=options) as around:
        if around.sandbox.level == "none":
            raise Refused("there is no sandbox here, so no code of the repository is run", hint=NO_SANDBOX)
        chain = Chain(conductor.load_all(), around.stage(), around.store, rules)
        report = Healer(wish, chain, around.source, progress).heal()
        if options.deliver is not None:
            report.reasons += deliver(chain, report, wish, options)
        return report


def deliver(chain: Chain, report: Report, wish: Wish, options: Options) -> tuple[str, ...]:
    """Play sequences 6 and 7 for every fix of a report that can be delivered on the local forge; returns the story."""
    told: list[str] = []
    for fixed in report.deliverable:
        delivery = Delivery(
            validation_record=fixed.record_id,
            subject=fixed.recommendation.id,
            repository=wish.repository,
            checkout=str(wish.checkout),
            forge=str((options.deliver or wish.checkout).resolve()),
        )
        chain.store.save(delivery, kind="delivery", repository=wish.repository, key=delivery.subject)
        told += go_on(chain, delivery)
    return tuple(told)


def go_on(chain: Chain, delivery: Delivery) -> tuple[str, ...]:
    """Play sequences 6 and 7 for one delivery as far as they go now; returns the story."""
    request_id = new_id()
    start = Start(
        event="deploy.requested",
        request_id=request_id,
        record_id=delivery.validation_record,
        subject=delivery.subject,
    )
    request = Request(request_id=request_id, repository=delivery.repository, checkout=delivery.checkout)
    told = []
    for played in _unwatched(chain).follow(start, request):
        done = played.outcome.completed
        said = played.outcome.reason or (done.summary if done else played.outcome.state)
        pull = played.outcome.results.get("pull_request")
        where = f"pull request {pull.number} ({pull.url}): " if isinstance(pull, PullRequest) else ""
        told.append(f"{played.sequence}: {where}{said}")
    return tuple(told)


def _unwatched(chain: Chain) -> Chain:
    """Return a chain that waits for nothing after a merge: what a folder holds runs nowhere that tells of it."""
    rules = chain.policy
    return chain.under(rules.model_copy(update={"deploy": rules.deploy.model_copy(update={"watch_minutes": 0})}))


def with_state(settings: Settings, state: Path) -> Settings:
    """Return the same settings with another state folder and its own database."""
    return replace(settings, state=state, database_url="")


def new_id() -> str:
    """Return an id for one run."""
    return f"run-{uuid.uuid4().hex[:12]}"
