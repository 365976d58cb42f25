"""The server: settings become an App that receives, works and waits; what it needs is checked before it starts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse, PlainTextResponse

from bot import __version__, app, diary
from bot.adapters.github_client import GitHubApp, key_of, signer
from bot.adapters.inbox import Delivery, Inbox
from bot.adapters.uploaders import Uploaders
from bot.adapters.workflows_dbos import Durable
from bot.errors import BotError, Misconfigured
from bot.serve.control import Control
from bot.serve.intake import Intake
from bot.serve.jobs import Jobs
from bot.serve.places import Places
from bot.serve.reconciler import Reconciler
from bot.serve.setup import finished, walk
from bot.serve.watches import Watches
from bot.settings import Settings, read
from bot.web.intake import router as uploads
from bot.web.webhook import Receiver, router

AS_IT_IS = app.Options()
GRACE_SECONDS = 10


def checked(settings: Settings) -> None:
    """Raise `Misconfigured` with everything that is missing to serve, each with what to do: App, key, secret, state."""
    wrong = []
    if not settings.app_id:
        wrong.append(("APP_ID is not set", "Set it, or create an App with `selfheal serve --setup`."))
    if not settings.webhook_secret:
        wrong.append(("WEBHOOK_SECRET is not set", "Set it to the secret of the App's webhook."))
    for check in (key_checked, _state):
        try:
            check(settings)
        except Misconfigured as error:
            wrong.append((str(error), error.hint))
    if wrong:
        raise Misconfigured("; ".join(what for what, _ in wrong), hint=" ".join(hint for _, hint in wrong))


def key_checked(settings: Settings) -> None:
    """Return when the App's private key can be used; raises `Misconfigured` when not."""
    signer(key_of(settings))({})


def _state(settings: Settings) -> None:
    probe = settings.state / ".writable"
    try:
        settings.state.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        hint = "Name a folder that this user may write with --state or SELFHEAL_STATE."
        raise Misconfigured(f"the state folder can't be written: {error}", hint=hint) from None


class Running:
    """Everything that runs behind the server, opened and closed together."""

    def __init__(self, settings: Settings, options: app.Options) -> None:
        self.settings = settings
        self.github = GitHubApp(settings)
        self.began = time.time()
        self._slug = ""
        self._world: AbstractContextManager[app.World] = app.world(settings, options=options)

    def open(self) -> None:
        """Open the store, the engine, and what works on them; raises `Misconfigured` when the state can't be used."""
        self.world = self._world.__enter__()
        self.durable = Durable(self.world.store.engine)
        self.watches = Watches(self.world.store.engine, self.durable)
        self.inbox = Inbox(self.durable)
        self.places = Places(self.world, self.github, self.durable, self.slug)
        self.jobs = Jobs(self.places, self.durable, self.inbox, self.watches)
        self.jobs.register()
        self.intake = Intake(self.jobs, Uploaders(self.world.store.engine, self.settings))
        self.durable.launch()
        uploaders = self.intake.uploaders
        self.control = Control(
            self.settings.state,
            {
                "token": uploaders.make,
                "revoke": lambda repository: str(uploaders.revoke(repository)),
                "replay": self.jobs.replay,
            },
        )
        self.reconciler = Reconciler(self.places, self.jobs, diary.told)

    def close(self) -> None:
        """Stop taking work, and give everything back; what was in flight goes on at the next start."""
        self.control.close()
        self.reconciler.stop()
        self.inbox.close()
        self.durable.stop()
        self._world.__exit__(None, None, None)

    def slug(self) -> str:
        """Return the App's slug, asked for once."""
        self._slug = self._slug or self.github.slug()
        return self._slug

    def own_logins(self) -> frozenset[str]:
        """Return the login that our own events are sent under, once it is known; the receiver never waits for it."""
        return frozenset({f"{self._slug}[bot]".lower()} if self._slug else ())

    def keep(self, delivery_id: str, event: str, body: bytes) -> Future[bool]:
        """Keep a delivery; the future is done when it is committed."""
        return self.inbox.put(Delivery(delivery_id, event, body))


class Later:
    """The sink of uploads, which is there once the server runs."""

    def __init__(self, intake: Callable[[], Intake]) -> None:
        self._intake = intake

    def __getattr__(self, name: str) -> Any:
        return getattr(self._intake(), name)


def create(settings: Settings, options: app.Options = AS_IT_IS) -> FastAPI:
    """Return the web application; raises `Misconfigured` with what is missing."""
    checked(settings)
    diary.configure(settings.log_level)
    running = Running(settings, options)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(running.open)
        running.reconciler.start()
        try:
            yield
        finally:
            await asyncio.to_thread(running.close)

    made = FastAPI(title="self-healing bot", version=__version__, docs_url=None, redoc_url=None, lifespan=lifespan)
    secrets = (settings.webhook_secret, settings.webhook_secret_previous)
    made.include_router(router(Receiver(secrets, running.keep, running.own_logins)))
    made.include_router(uploads(Later(lambda: running.intake)))
    made.include_router(finished())
    _health(made, running)
    made.state.running = running
    return made


def _health(made: FastAPI, running: Running) -> None:
    @made.get("/healthz")
    def healthz() -> Mapping[str, str]:
        return {"status": "ok", "sandbox": running.world.sandbox.level, "version": __version__}

    @made.get("/")
    def root() -> Mapping[str, str]:
        return {"name": "self-healing bot", "version": __version__, "status": "ok"}

    @made.get("/readyz")
    def readyz() -> JSONResponse:
        try:
            running.durable.ready()
        except BotError as error:
            return JSONResponse({"status": "not ready", "error": str(error)}, status_code=503)
        return JSONResponse({"status": "ready"})

    @made.get("/metrics")
    def metrics() -> PlainTextResponse:
        return PlainTextResponse(measured(running))


def measured(running: Running) -> str:
    """Return the server's own numbers in the text format of Prometheus."""
    counts = sorted(running.durable.counts().items())
    lines = [f'selfheal_jobs{{status="{status}"}} {count}' for status, count in counts]
    lines.append(f"selfheal_watches {running.watches.count()}")
    lines.append(f"selfheal_uptime_seconds {time.time() - running.began:.0f}")
    return "\n".join(lines) + "\n"


def serve(settings: Settings, *, setup: bool = False) -> None:
    """Run the server until it is asked to stop, after setting the App up where asked to.

    Raises `Misconfigured` when something is missing. What is in flight at the end goes on at the next start.
    """
    import uvicorn

    if setup:
        walk(settings)
        settings = read(state=str(settings.state))
    web = create(settings)
    uvicorn.run(
        web,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
