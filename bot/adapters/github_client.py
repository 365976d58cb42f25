"""GitHub's API for one App: signed in, paced, and never repeating a write blindly.

PyGithub speaks; its own retries and throttle are off, because its retry repeats POSTs. One pacer for each installation
keeps content-creating calls apart and holds all calls back while GitHub asks for patience. Only documented endpoints
and fields are used, lists are followed by their `Link` header, and what was read before is asked for with its ETag.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from bot import __version__
from bot.adapters.github_answers import READS, Answer, Missing, Pacer, Unauthorised, spoken
from bot.diary import told
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
    "merge_queues": "read",
    "members": "read",
}
HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
USER_AGENT = f"self-healing-bot/{__version__}"
TIMEOUT_SECONDS = 20
TOKEN_MARGIN = 300.0
READ_TRIES = 3
READ_PAUSE = 0.3
HOPS = 3
ENTERPRISE = "/api/v3"  # what the API's address ends in on GitHub Enterprise Server
REMEMBERED = 500
LIMITED = 60.0


class Cache:
    """The newest answers by what was asked, with their ETags; bounded, for all threads."""

    def __init__(self, size: int = REMEMBERED) -> None:
        self._size = size
        self._kept: OrderedDict[tuple[int, str], Answer] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[int, str]) -> Answer | None:
        """Return what was answered last time, or None."""
        with self._lock:
            return self._kept.get(key)

    def put(self, key: tuple[int, str], answer: Answer) -> None:
        """Keep an answer that has an ETag, and forget the oldest beyond the bound."""
        if answer.headers.get("etag"):
            with self._lock:
                self._kept[key] = answer
                self._kept.move_to_end(key)
                while len(self._kept) > self._size:
                    self._kept.popitem(last=False)


class GitHubApp:
    """The App's own identity: installations, tokens, deliveries."""

    def __init__(self, settings: Settings, *, now: Callable[[], float] = time.time) -> None:
        from github import Auth

        self.settings = settings
        self.cache = Cache()
        self._now = now
        app_id = int(settings.app_id) if settings.app_id.isdecimal() else settings.app_id
        self._auth = Auth.AppAuth(app_id, sign_func=signer(key_of(settings)))
        self._tokens: dict[tuple[int, str], tuple[str, float]] = {}
        self._pacers: dict[int, Pacer] = {}
        self._lock = threading.Lock()
        self._own = threading.local()

    def answer(self, method: str, path: str, data: Mapping[str, Any] | None = None) -> Answer:
        """Return the answer to a call made as the App itself; raises `Misconfigured` when its key is refused."""
        speaker = self.speaker("", self._auth)
        given = dict(data) if data is not None else None
        try:
            for _ in range(HOPS):
                place = path
                found = spoken(lambda: speaker.requestJson(method, place, headers=dict(HEADERS), input=given))  # noqa: B023
                if not found.moved_to:
                    return found
                path = self.local(found.moved_to)
        except Unauthorised as error:
            hint = "Check APP_ID, PRIVATE_KEY and this machine's clock."
            raise Misconfigured(f"GitHub refuses the App's sign-in: {error}", hint=hint) from None
        raise Declined(f"GitHub sends us in a circle: {path}")

    def local(self, address: str) -> str:
        """Return a place that GitHub named as a path of the API: it may know itself under another host."""
        parts = urlsplit(address)
        path = parts.path.removeprefix(urlsplit(self.settings.github_api_url).path.rstrip("/"))
        return f"{path}?{parts.query}" if parts.query else path

    def call(self, method: str, path: str, data: Mapping[str, Any] | None = None) -> Any:
        """Return the JSON that answers a call made as the App itself."""
        return self.answer(method, path, data).data

    def speaker(self, token: str, auth: Any) -> Any:
        """Return what sends requests with a token, kept by each thread so that connections are used again."""
        kept: dict[str, Any] = self._own.__dict__.setdefault("speakers", {})
        if token not in kept:
            if len(kept) > 20:
                kept.clear()
            kept[token] = requester(self.settings, auth)
        return kept[token]

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
        made = self._new_token(installation, repository)
        until = datetime.fromisoformat(str(made["expires_at"]).replace("Z", "+00:00")).timestamp()
        with self._lock:
            self._tokens[key] = (made["token"], until)
        return str(made["token"])

    def _new_token(self, installation: int, repository: str) -> Any:
        """Return a new token, for one repository, or to list repositories only where none is named."""
        path = f"/app/installations/{installation}/access_tokens"
        narrowed: dict[str, Any] = {"permissions": {"metadata": "read"}}
        if repository:
            narrowed = {"repositories": [repository.partition("/")[2]], "permissions": PERMISSIONS}
        try:
            return self.call("POST", path, narrowed)
        except Missing:
            raise
        except Declined:
            # GitHub gives no token at all when one permission was not granted: ask for those that were.
            granted = self.call("GET", f"/app/installations/{installation}")["permissions"]
            fewer = {key: _lesser(level, granted[key]) for key, level in PERMISSIONS.items() if key in granted}
            return self.call("POST", path, {**narrowed, "permissions": fewer})

    def client(self, installation: int, repository: str) -> Client:
        """Return a client for one repository."""
        return Client(self, installation, repository)

    def pages(self, path: str, *, limit: int = 1000) -> list[Any]:
        """Return the items of all pages of a list that is asked for as the App itself."""
        found: list[Any] = []
        place = f"{path}?per_page=100"
        while place and len(found) < limit:
            answer = self.answer("GET", place)
            found += answer.data
            place = self.local(answer.next_page)
        return found

    def repositories(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield every repository that the App is installed on, with its installation; suspended ones are left out."""
        for installation in self.pages("/app/installations"):
            if not installation.get("suspended_at"):
                number = int(installation["id"])
                client = Client(self, number, "")
                yield from ((number, one) for one in client.listed("/installation/repositories", key="repositories"))

    def deliveries(self) -> list[dict[str, Any]]:
        """Return the newest webhook deliveries of the App."""
        return list(self.call("GET", "/app/hook/deliveries?per_page=100"))

    def redeliver(self, delivery_id: int) -> None:
        """Ask for a delivery to be sent again."""
        self.call("POST", f"/app/hook/deliveries/{delivery_id}/attempts")


def _lesser(wanted: str, granted: str) -> str:
    return "read" if "read" in (wanted, granted) else wanted


def requester(settings: Settings, auth: Any) -> Any:
    """Return PyGithub's speaker for a way to sign in (None: not at all), without its own retries and throttle."""
    from github import Github

    return Github(
        auth=auth,
        base_url=settings.github_api_url,
        timeout=TIMEOUT_SECONDS,
        user_agent=USER_AGENT,
        retry=None,
        seconds_between_requests=0,
        seconds_between_writes=0,
    ).requester


def signer(pem: str) -> Callable[[dict[str, Any]], str]:
    """Return what signs claims with a private key, read when first needed and once: reading takes far longer.

    The signer raises `Misconfigured` when the key is none.
    """
    import jwt
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    @cache
    def key() -> Any:
        try:
            found = load_pem_private_key(pem.encode(), None)
            if not isinstance(found, RSAPrivateKey):
                raise TypeError("it is not of RSA")
            return found
        except (ValueError, TypeError) as error:
            hint = "Set PRIVATE_KEY to the PEM that GitHub gave, or PRIVATE_KEY_PATH to its file."
            raise Misconfigured(f"the App's private key is none: {error}", hint=hint) from None

    return lambda claims: jwt.encode(claims, key(), algorithm="RS256")


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
        self.beside_of = ""

    @property
    def root(self) -> str:
        """Return the path of the repository in the API."""
        return f"/repos/{self.beside_of or self.repository}"

    def beside(self, repository: str) -> Client:
        """Return a client that reads another, public repository with the token of this one."""
        made = Client(self.app, self.installation, self.repository)
        made.beside_of = repository
        return made

    def graphql(self, query: str, variables: Mapping[str, Any]) -> Any:
        """Return the data that answers a GraphQL query; raises `Declined` with what GitHub says against it."""
        api = self.app.settings.github_api_url.rstrip("/")
        path = f"{api.removesuffix(ENTERPRISE)}/api/graphql" if api.endswith(ENTERPRISE) else "/graphql"
        answer = self.call("POST", path, {"query": query, "variables": dict(variables)})
        wrong = answer.get("errors")
        said = "; ".join(str(one.get("message", "")) for one in wrong or ())
        if any(one.get("type") == "RATE_LIMITED" for one in wrong or ()):
            raise Transient(
                f"GitHub's rate limit is reached: {said}", hint="It goes on by itself.", retry_after=LIMITED
            )
        if wrong:
            raise Declined(said)
        return answer["data"]

    def get(self, path: str, *, missing: bool = False) -> Any:
        """Return the answer to a read below the repository; None for a 404 when it may be missing."""
        return self.call("GET", f"{self.root}{path}", missing=missing)

    def pages(self, path: str, *, key: str = "", limit: int = 1000) -> list[Any]:
        """Return the items of all pages of a list, as its `Link` headers name them; `key` names a wrapped list."""
        return self.listed(f"{self.root}{path}", key=key, limit=limit)

    def listed(self, path: str, *, key: str = "", limit: int = 1000) -> list[Any]:
        """Return the items of all pages of any list."""
        found: list[Any] = []
        place = f"{path}{'&' if '?' in path else '?'}per_page=100"
        while place and len(found) < limit:
            answer = self.answer("GET", place)
            found += (answer.data[key] if key else answer.data) or []
            place = self.app.local(answer.next_page)
        return found[:limit]

    def write(self, method: str, path: str, data: Mapping[str, Any] | None = None) -> Any:
        """Return the answer to a write below the repository."""
        return self.call(method, f"{self.root}{path}", data)

    def call(self, method: str, path: str, data: Mapping[str, Any] | None = None, *, missing: bool = False) -> Any:
        """Return the JSON that answers any call; None for a 404 when it may be missing."""
        for rest in reversed(range(READ_TRIES)):
            try:
                return self.answer(method, path, data).data
            except Missing:
                if missing:
                    return None
                # What was just made is not everywhere yet.
                if not rest or method not in READS or not self._pacer.fresh():
                    raise
                time.sleep(READ_PAUSE)
        raise AssertionError("unreachable")

    def answer(self, method: str, path: str, data: Mapping[str, Any] | None = None) -> Answer:
        """Return the answer to any call; a refused token is renewed once, a moved thing is followed."""
        fresh = False
        for _ in range(HOPS):
            try:
                answer = self._asked(method, path, data, fresh=fresh)
            except Unauthorised:
                if fresh:
                    break
                fresh = True
                continue
            if not answer.moved_to:
                return answer
            path = answer.moved_to
        raise Declined("GitHub refuses our token: the App was uninstalled or suspended", hint="Install it again.")

    def _asked(self, method: str, path: str, data: Mapping[str, Any] | None, *, fresh: bool) -> Answer:
        for rest in reversed(range(READ_TRIES if method in READS else 1)):
            try:
                return self._once(method, path, data, fresh=fresh)
            except Transient as error:
                # A read does no harm twice; a limit is waited for by the job, not here.
                if not rest or error.retry_after:
                    raise
                time.sleep(READ_PAUSE)
        raise AssertionError("unreachable")

    def _once(self, method: str, path: str, data: Mapping[str, Any] | None, *, fresh: bool) -> Answer:
        from github import Auth

        self._pacer.before(method, path)
        token = self.app.token(self.installation, self.repository, fresh=fresh)
        speaker = self.app.speaker(token, Auth.Token(token))
        key = (self.installation, path)
        known = self.app.cache.get(key) if method == "GET" else None
        headers = {**HEADERS, **({"If-None-Match": known.headers["etag"]} if known else {})}
        given = dict(data) if data is not None else None
        answer = spoken(lambda: speaker.requestJson(method, path, headers=headers, input=given), self._pacer)
        self._pacer.fine()
        if method not in READS:
            told(f"{method} {path}", status=answer.status)
        if answer.status == 304 and known is not None:
            return known
        if method == "GET" and answer.status == 200:
            self.app.cache.put(key, answer)
        return answer
