"""GitHub's API for one App: signed in, paced, and never repeating a write blindly.

PyGithub speaks; its own retries and throttle are off, because its retry repeats POSTs. One pacer for each installation
keeps content-creating calls apart and holds all calls back while GitHub asks for patience.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bot.errors import Declined, Misconfigured, Transient
from bot.settings import Settings

PERMISSIONS = {
    "metadata": "read",
    "contents": "write",
    "pull_requests": "write",
    "issues": "write",
    "checks": "write",
    "statuses": "read",
    "actions": "write",
    "deployments": "write",
}
TIMEOUT_SECONDS = 20
TOKEN_MARGIN = 300.0
TOKEN_SECONDS = 3600.0
LEAST_PATIENCE = 60.0
READS = frozenset({"GET", "HEAD"})
Answer = Any


@dataclass
class Pacer:
    """Keeps writes `seconds` apart and holds every call back until `until`; one for each installation."""

    seconds: float
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    until: float = 0.0
    last_write: float = 0.0
    strikes: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def before(self, method: str) -> None:
        """Wait for the turn of a call; raises `Transient` while GitHub asks for patience."""
        with self.lock:
            wait = self.until - self.now()
            if wait > 0:
                raise Transient("GitHub asked us to wait", hint="It goes on by itself.", retry_after=wait)
            if method not in READS:
                gap = self.last_write + self.seconds - self.now()
                if gap > 0:
                    self.sleep(gap)
                self.last_write = self.now()

    def hold(self, headers: Mapping[str, str]) -> float:
        """Hold calls back as a limited answer demands and return for how many seconds.

        `retry-after` decides, else `x-ratelimit-reset` when nothing remains, else a minute that doubles each time.
        """
        with self.lock:
            self.strikes += 1
            wait = LEAST_PATIENCE * float(2 ** (self.strikes - 1))
            if headers.get("retry-after", "").isdecimal():
                wait = float(headers["retry-after"])
            elif headers.get("x-ratelimit-remaining") == "0" and headers.get("x-ratelimit-reset", "").isdecimal():
                wait = max(1.0, float(headers["x-ratelimit-reset"]) - time.time())
            self.until = self.now() + wait
            return wait

    def fine(self) -> None:
        """Forget earlier strikes."""
        self.strikes = 0


class GitHubApp:
    """The App's own identity: installations, tokens, deliveries."""

    def __init__(self, settings: Settings, *, now: Callable[[], float] = time.time) -> None:
        from github import Auth, GithubIntegration

        self.settings = settings
        self._now = now
        self._auth = Auth.AppAuth(
            int(settings.app_id) if settings.app_id.isdecimal() else settings.app_id, key_of(settings)
        )
        self._integration = GithubIntegration(
            auth=self._auth,
            base_url=settings.github_api_url,
            timeout=TIMEOUT_SECONDS,
            retry=None,
            seconds_between_requests=0,
            seconds_between_writes=0,
        )
        self._tokens: dict[tuple[int, str], tuple[str, float]] = {}
        self._pacers: dict[int, Pacer] = {}
        self._lock = threading.Lock()

    def call(self, method: str, path: str, data: Mapping[str, Any] | None = None) -> Answer:
        """Return the answer to a call made as the App itself."""
        requester = self._integration.requester
        return spoken(lambda: requester.requestJson(method, path, input=dict(data) if data is not None else None))

    def slug(self) -> str:
        """Return the App's slug; its events are sent as `slug[bot]`."""
        return str(self.call("GET", "/app")["slug"])

    def installation_of(self, repository: str) -> int:
        """Return the installation that covers a repository; raises `Declined` when the App is not installed there."""
        return int(self.call("GET", f"/repos/{repository}/installation")["id"])

    def pacer(self, installation: int) -> Pacer:
        """Return the pacer of an installation."""
        with self._lock:
            return self._pacers.setdefault(installation, Pacer(self.settings.pace_seconds))

    def token(self, installation: int, repository: str, *, fresh: bool = False) -> str:
        """Return a token for one repository with just our permissions, from memory while it is good."""
        key = (installation, repository)
        with self._lock:
            known = self._tokens.get(key)
            if known and not fresh and known[1] > self._now() + TOKEN_MARGIN:
                return known[0]
        narrowed = {"repositories": [repository.partition("/")[2]], "permissions": PERMISSIONS}
        made = self.call("POST", f"/app/installations/{installation}/access_tokens", narrowed)
        with self._lock:
            self._tokens[key] = (made["token"], self._now() + TOKEN_SECONDS)
        return str(made["token"])

    def client(self, installation: int, repository: str) -> Client:
        """Return a client for one repository."""
        return Client(self, installation, repository)

    def deliveries(self) -> list[dict[str, Any]]:
        """Return the newest webhook deliveries of the App."""
        return list(self.call("GET", "/app/hook/deliveries?per_page=100"))

    def redeliver(self, delivery_id: int) -> None:
        """Ask for a delivery to be sent again."""
        self.call("POST", f"/app/hook/deliveries/{delivery_id}/attempts", {})


def key_of(settings: Settings) -> str:
    """Return the App's private key; raises `Misconfigured` when there is none or its file can't be read."""
    if settings.private_key:
        return settings.private_key.replace("\\n", "\n")
    try:
        with open(settings.private_key_path, encoding="ascii") as file:
            return file.read()
    except (OSError, ValueError) as error:
        raise Misconfigured(
            f"the App's private key can't be read: {error}", hint="Set PRIVATE_KEY or PRIVATE_KEY_PATH."
        ) from None


class Client:
    """Calls on one repository as its installation."""

    def __init__(self, app: GitHubApp, installation: int, repository: str) -> None:
        self.app = app
        self.installation = installation
        self.repository = repository
        self._pacer = app.pacer(installation)
        self._etags: dict[str, tuple[str, Answer]] = {}

    @property
    def root(self) -> str:
        """Return the path of the repository in the API."""
        return f"/repos/{self.repository}"

    def get(self, path: str, *, missing: bool = False) -> Answer:
        """Return the answer to a read below the repository; None for a 404 when it may be missing."""
        return self.call("GET", f"{self.root}{path}", missing=missing)

    def pages(self, path: str, *, key: str = "", limit: int = 1000) -> list[Any]:
        """Return the items of all pages of a list; `key` names the list in the answer where it is wrapped."""
        found: list[Any] = []
        mark = "&" if "?" in path else "?"
        for page in range(1, limit // 100 + 1):
            answer = self.get(f"{path}{mark}per_page=100&page={page}")
            items = answer[key] if key else answer
            found += items
            if len(items) < 100:
                break
        return found

    def write(self, method: str, path: str, data: Mapping[str, Any] | None = None) -> Answer:
        """Return the answer to a write below the repository."""
        return self.call(method, f"{self.root}{path}", data)

    def call(self, method: str, path: str, data: Mapping[str, Any] | None = None, *, missing: bool = False) -> Answer:
        """Return the answer to any call; a token that is refused is renewed once."""
        for attempt in (0, 1):
            self._pacer.before(method)
            ask = partial(
                self._requester(fresh=attempt > 0).requestJson,
                method,
                path,
                headers=self._conditional(method, path),
                input=dict(data) if data is not None else None,
            )
            try:
                answer = spoken(
                    ask,
                    remember=lambda got: self._remember(method, path, got),
                    cached=self._etags.get(path, ("", None))[1],
                    pacer=self._pacer,
                )
            except Unauthorised:
                continue
            except Missing:
                if missing:
                    return None
                raise
            self._pacer.fine()
            return answer
        raise Declined("GitHub refuses our token: the App was uninstalled or suspended", hint="Install it again.")

    def _requester(self, *, fresh: bool) -> Any:
        from github import Auth, Github

        token = self.app.token(self.installation, self.repository, fresh=fresh)
        made = Github(
            auth=Auth.Token(token),
            base_url=self.app.settings.github_api_url,
            timeout=TIMEOUT_SECONDS,
            retry=None,
            seconds_between_requests=0,
            seconds_between_writes=0,
        )
        return made.requester

    def _conditional(self, method: str, path: str) -> dict[str, str]:
        known = self._etags.get(path)
        return {"If-None-Match": known[0]} if method == "GET" and known else {}

    def _remember(self, method: str, path: str, got: tuple[Mapping[str, str], Answer]) -> None:
        etag = got[0].get("etag", "")
        if method == "GET" and etag:
            self._etags[path] = (etag, got[1])


class Unauthorised(Exception):
    """The token was refused."""


class Missing(Declined):
    """What was asked for is not there, or not for us."""


class Conflict(Declined):
    """GitHub says no to a write as things stand: 405, 409 or 422; `status` tells which."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def spoken(
    ask: Callable[[], tuple[int, dict[str, Any], str | None]],
    *,
    remember: Callable[[tuple[Mapping[str, str], Answer]], None] | None = None,
    cached: Answer = None,
    pacer: Pacer | None = None,
) -> Answer:
    """Return the answer of one call as data, or raise what its status means for us."""
    import json

    import requests

    try:
        status, headers, body = ask()
    except (requests.RequestException, OSError) as error:
        raise Transient(f"GitHub did not answer: {type(error).__name__}", hint="It is tried again.") from error
    headers = {str(key).lower(): str(value) for key, value in headers.items()}
    if status == 304:
        return cached
    try:
        data = json.loads(body) if body else None
    except ValueError:
        raise Transient(f"GitHub's answer {status} is no JSON", hint="It is tried again.") from None
    if status >= 400:
        raise _meaning(status, headers, data, pacer)
    if remember is not None:
        remember((headers, data))
    return data


def _meaning(status: int, headers: Mapping[str, str], data: Any, pacer: Pacer | None) -> Exception:
    said = str(data.get("message", "")) if isinstance(data, Mapping) else ""
    if status == 401:
        return Unauthorised(said)
    limited = status == 429 or "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"
    if status in (403, 429) and (limited or "secondary rate" in said.lower()):
        wait = pacer.hold(headers) if pacer else LEAST_PATIENCE
        return Transient(f"GitHub's rate limit is reached: {said}", hint="It goes on by itself.", retry_after=wait)
    if status in (404, 410):
        return Missing(f"GitHub has no such thing for us ({status}): {said}")
    if status in (405, 409, 422):
        return Conflict(status, f"GitHub refuses this as things stand ({status}): {said}")
    if status >= 500:
        return Transient(f"GitHub failed with {status}: {said}", hint="It is tried again.")
    return Declined(f"GitHub refuses this ({status}): {said}", hint="Check the App's permissions.")
