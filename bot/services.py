"""What the commands beside `heal` do, each one function over the adapters."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from time import time
from typing import TYPE_CHECKING

from bot import app, conductor
from bot.chain import Chain
from bot.configuring import Simulated, simulated
from bot.errors import BotError, Misconfigured
from bot.model import (
    AnomalySet,
    Delivery,
    Intake,
    Request,
    Start,
    TelemetryMetrics,
    ValidationResult,
)
from bot.policy import RepoPolicy
from bot.ports import Progress, Store
from bot.scratch import scratch
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.adapters.uploaders import Uploaders
    from bot.views import Name

LEAST_FREE_MB = 512
HISTORY = 100_000  # records of telemetry exported at most


@dataclass(frozen=True)
class Look:
    """What `detect` is asked: files to read, what is normal, what is declared, and the checkout."""

    paths: tuple[str, ...]
    baseline: str = ""
    sequences: str = ""
    repo: str = ""


@dataclass(frozen=True)
class Finding:
    """One answer of `doctor`: what was seen, whether it will do, and what to do when not."""

    name: str
    ok: bool
    seen: str
    hint: str = ""


@contextmanager
def _world(settings: Settings, progress: Progress) -> Iterator[app.World]:
    with scratch() as folder:
        own = app.with_state(settings, folder)
        with app.world(own, progress=progress) as around:
            _share_index(settings.state / "index", around.store.folder("index"))
            yield around


def _share_index(kept: Path, own: Path) -> None:
    """Let what is known of the files of a checkout outlive the run, where the state folder can be written."""
    with suppress(OSError):
        kept.mkdir(parents=True, exist_ok=True)
        own.rmdir()
        own.symlink_to(kept)


@contextmanager
def _chain(settings: Settings, progress: Progress) -> Iterator[Chain]:
    with _world(settings, progress) as around:
        yield _chain_in(around)


def _chain_in(around: app.World) -> Chain:
    return Chain(conductor.load_all(), around.stage(), around.store, RepoPolicy())


def _request(look: Look) -> Request:
    intake = Intake(
        repository="local",
        checkout=look.repo,
        telemetry=look.paths,
        baseline=look.baseline,
        sequences=look.sequences,
    )
    return Request(request_id=app.new_id(), repository="local", checkout=look.repo, intake=intake)


def _start(request: Request) -> Start:
    return Start(event="telemetry.parse.requested", request_id=request.request_id, record_id="")


def telemetry(settings: Settings, paths: tuple[str, ...], progress: Progress) -> TelemetryMetrics:
    """Return what the files add up to (sequence 1)."""
    with _chain(settings, progress) as chain:
        return _metrics(chain, Look(paths))


def export(settings: Settings, paths: tuple[str, ...], folder: Path, progress: Progress) -> tuple[Path, ...]:
    """Write telemetry as Parquet and return the files: what `paths` add up to, or all that the state holds."""
    from bot.adapters.store import open_store
    from bot.telemetry.history import exported

    if paths:
        return exported([telemetry(settings, paths, progress)], folder)
    store = open_store(settings.database, settings.state, read_only=True)
    try:
        return exported(store.every(TelemetryMetrics, kind="telemetry", limit=HISTORY), folder)
    finally:
        store.close()


def _metrics(chain: Chain, look: Look) -> TelemetryMetrics:
    request = _request(look)
    played = chain.play(_start(request), request)
    return chain.store.load(played.outcome.record_id, TelemetryMetrics)


def view(settings: Settings, asked: tuple[Name, str], look: Look, progress: Progress) -> str:
    """Return one view, `asked` by (name, format), of what the files add up to, against the code of a checkout."""
    from bot import viewing

    with _world(settings, progress) as around:
        metrics = _metrics(_chain_in(around), look)
        codebase = viewing.codebase_of(look.repo, around.source, around.store)
        return viewing.drawn(asked, viewing.seen(metrics, codebase, look.sequences))


def docs(settings: Settings, look: Look, progress: Progress) -> dict[str, str]:
    """Return the pages on a checkout by path, with what its telemetry says when there is any."""
    from bot import documenting, viewing

    with _world(settings, progress) as around:
        metrics = _metrics(_chain_in(around), look) if look.paths else TelemetryMetrics()
        codebase = viewing.codebase_of(look.repo, around.source, around.store)
        declared = viewing.seen(metrics, codebase, look.sequences).declared
        return documenting.pages(documenting.Known(codebase, declared, metrics))


def detect(settings: Settings, look: Look, progress: Progress) -> AnomalySet:
    """Return the anomalies in the files (sequences 1 and 2)."""
    with _chain(settings, progress) as chain:
        request = _request(look)
        played = chain.follow(_start(request), request, lambda one: one.event == "detect.anomalies.requested")
        detected = [one for one in played if one.sequence == "anomaly.detect" and one.outcome.record_id]
        if not detected:
            return AnomalySet(all_anomalies=(), total_count=0, not_checked=(played[-1].outcome.reason or "no events",))
        return chain.store.load(detected[-1].outcome.record_id, AnomalySet)


def doctor(settings: Settings) -> tuple[Finding, ...]:
    """Return what was checked of this machine and configuration, and what came out."""
    from bot.serve.checkup import checkup

    own = (_sandbox(), _database(settings), _disk(settings), _program("git", "Install git."), _uv(), _sequences())
    return (*own, *checkup(settings))


def _sandbox() -> Finding:
    from bot.adapters.sandbox import self_test

    found = self_test()
    usable = found.level != "none"
    return Finding("sandbox", usable, found.explained(), "" if usable else app.NO_SANDBOX)


def _database(settings: Settings) -> Finding:
    from bot.adapters.lock import held, holder
    from bot.adapters.store import open_store

    settings.state.mkdir(parents=True, exist_ok=True)
    busy = held(settings.state)
    try:
        store = open_store(settings.database, settings.state, read_only=busy)
        records = len(store.records())
        store.close()
    except BotError as error:
        return Finding("database", False, str(error), error.hint)
    kind = settings.database.partition(":")[0]
    used = f", in use by process {holder(settings.state)}" if busy else ", schema up to date"
    return Finding("database", True, f"{kind}{used}, {records} strategy records")


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.state).free // 1_000_000
    return Finding("disk", free >= LEAST_FREE_MB, f"{free} MB free in {settings.state}", "Free some space there.")


def _program(name: str, hint: str) -> Finding:
    found = shutil.which(name)
    return Finding(name, found is not None, found or "not found", hint)


def _uv() -> Finding:
    import uv

    try:
        return Finding("uv", True, uv.find_uv_bin())
    except FileNotFoundError:
        return Finding("uv", False, "not found", "Install the package uv again.")


def _sequences() -> Finding:
    try:
        plans = conductor.load_all()
    except Misconfigured as error:
        return Finding("sequences", False, str(error), error.hint)
    beats = sum(len(plan.parts) for plan in plans.values())
    return Finding("sequences", True, f"{len(plans)} sequences, {beats} handlers")


def strategy_counts(settings: Settings) -> dict[str, tuple[int, int]]:
    """Return successes and failures of every strategy that has a record in the state; empty without a state."""
    from bot.adapters.store import open_store

    if settings.database.startswith("sqlite") and not (settings.state / "selfheal.sqlite3").is_file():
        return {}
    store = open_store(settings.database, settings.state, read_only=True)
    counts: dict[str, tuple[int, int]] = {}
    try:
        for record in store.records():
            good, bad = counts.get(record.strategy, (0, 0))
            counts[record.strategy] = (good + record.successes, bad + record.failures)
    finally:
        store.close()
    return counts


def approve(settings: Settings, name: str, user: str, progress: Progress) -> tuple[str, ...]:
    """Approve what `name` means on the local forge of this state and go on with it; returns the story.

    Raises `Misconfigured` when nothing waits in this state, or when `name` means nothing or several things.
    """
    from bot.adapters.clock import SystemClock
    from bot.adapters.forge_local import LocalForge

    with app.world(settings, progress=progress) as around:
        deliveries = around.store.every(Delivery, kind="delivery")
        if not deliveries:
            raise Misconfigured("nothing was delivered in this state", hint="Name it with --state; see heal --deliver.")
        forge = LocalForge(Path(deliveries[0].forge), SystemClock())
        pull = forge.approve(meant(name, deliveries, around.store), user)
        progress.say(f"{user} approved pull request {pull.number} at {pull.head_sha[:10]}")
        chain = Chain(conductor.load_all(), replace(around, forge=forge).stage(), around.store, RepoPolicy())
        return tuple(line for one in deliveries for line in app.go_on(_ruled(chain, one), one))


def simulate(settings: Settings, text: str, last: int) -> tuple[Simulated, ...]:
    """Return what the policy in `text` would have done with the fixes proven in the state; only reads."""
    from bot.adapters.store import open_store

    store = open_store(settings.database, settings.state, read_only=True)
    try:
        return simulated(text, store, last=last, now=time())
    finally:
        store.close()


def _ruled(chain: Chain, delivery: Delivery) -> Chain:
    return chain.under(app.read_policy(Path(delivery.checkout)))


def meant(name: str, deliveries: tuple[Delivery, ...], store: Store) -> str:
    """Return what the forge knows a fix by: a validation record or cause stands for its anomaly's fingerprint."""
    for one in deliveries:
        if name in (one.validation_record, one.subject):
            patch = store.load(one.validation_record, ValidationResult).patch
            return patch.anomaly_id if patch else name
    return name


def explain(settings: Settings, name: str) -> tuple[str, ...]:
    """Return what is known of a cause, fix or strategy, line by line; raises `Misconfigured` when nothing is."""
    from bot.adapters.store import open_store
    from bot.explaining import explained

    store = open_store(settings.database, settings.state, read_only=True)
    try:
        return explained(name, store)
    finally:
        store.close()


def make_token(settings: Settings, repository: str) -> str:
    """Return a new token that may send logs for a repository; raises `Misconfigured` for a name that is none."""
    told = _through_the_server(settings, "token", repository)
    if told is not None:
        return told
    with _uploaders(settings) as uploaders:
        return uploaders.make(repository)


def revoke_tokens(settings: Settings, repository: str) -> int:
    """Revoke the tokens of a repository and return how many there were."""
    told = _through_the_server(settings, "revoke", repository)
    if told is not None:
        return int(told)
    with _uploaders(settings) as uploaders:
        return uploaders.revoke(repository)


def replay(settings: Settings, delivery: str) -> tuple[str, ...]:
    """Let the running server work a kept delivery off once more; returns the ids of the jobs that it started.

    Raises `Misconfigured` when no server runs on this state, or it has no such delivery.
    """
    from bot.serve.control import ask

    told = ask(settings.state, "replay", delivery)
    if told is None:
        raise Misconfigured(f"no server runs on {settings.state}", hint="Start `selfheal serve`, or name its --state.")
    return tuple(told.splitlines())


def _through_the_server(settings: Settings, deed: str, repository: str) -> str | None:
    from bot.serve.control import ask

    if repository.count("/") != 1 or not all(repository.split("/")):
        raise Misconfigured(f"{repository!r} is not OWNER/NAME", hint="Name the repository as GitHub does.")
    return ask(settings.state, deed, repository)


@contextmanager
def _uploaders(settings: Settings) -> Iterator[Uploaders]:
    from bot.adapters.database import connect
    from bot.adapters.store import open_store
    from bot.adapters.uploaders import Uploaders as Made

    if settings.database.startswith("sqlite") and not (settings.state / "selfheal.sqlite3").is_file():
        open_store(settings.database, settings.state).close()
    engine = connect(settings.database)
    try:
        yield Made(engine, settings)
    finally:
        engine.dispose()
