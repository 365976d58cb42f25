"""What an answer of GitHub means for us: data, or one of our errors; and the pacer that its limits ask for."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import re2

from bot.errors import Declined, Transient

LEAST_PATIENCE = 60.0
FRESH_SECONDS = 5.0
# How many calls that create content GitHub takes within so many seconds ("Rate limits for the REST API").
CAPS = ((60.0, 80), (3600.0, 500))
NO_CONTENT = ("/graphql", "/git/blobs", "/git/trees")
READS = frozenset({"GET", "HEAD"})
MOVED = frozenset({301, 302, 307, 308})
NEXT = re2.compile(r'<([^<>]+)>;[^,<>]*\brel="?next"?')
Raw = tuple[int, Mapping[str, Any], Any]


class Unauthorised(Exception):
    """The token was refused."""


class Missing(Declined):
    """What was asked for is not there, or not for us."""


class Conflict(Declined):
    """GitHub says no to a write as things stand: 405, 409 or 422; `status` tells which."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass
class Pacer:
    """Keeps writes `seconds` apart and holds every call back until `until`; one for each installation.

    What creates content keeps to GitHub's caps for a minute and an hour too; 0 seconds switches both off.
    """

    seconds: float
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    until: float = 0.0
    last_write: float = 0.0
    strikes: int = 0
    made: deque[float] = field(default_factory=lambda: deque(maxlen=max(most for _, most in CAPS)))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def before(self, method: str, path: str = "") -> None:
        """Wait for the turn of a call; raises `Transient` while GitHub asks for patience or a cap is reached."""
        with self.lock:
            wait = self.until - self.now()
            if wait > 0:
                raise Transient("GitHub asked us to wait", hint="It goes on by itself.", retry_after=wait)
            if method not in READS:
                gap = self.last_write + self.seconds - self.now()
                if gap > 0:
                    self.sleep(gap)
                self.last_write = self.now()
                if self.seconds and not path.endswith(NO_CONTENT):
                    self._counted()

    def _counted(self) -> None:
        """Count a call that creates content; raises `Transient` when the caps leave no room for it."""
        now = self.now()
        for span, most in CAPS:
            left = self.made[-most] + span - now if len(self.made) >= most else 0.0
            if left > 0:
                hint = "It goes on by itself: GitHub takes no more from one App."
                raise Transient(f"{most} writes within {span:g} s are enough", hint=hint, retry_after=left)
        self.made.append(now)

    def fresh(self) -> bool:
        """Return whether something was written a moment ago, so that a read may not know of it yet."""
        return self.last_write > 0 and self.now() - self.last_write < FRESH_SECONDS

    def hold(self, headers: Mapping[str, str]) -> float:
        """Hold calls back as a limited answer demands and return for how many seconds.

        `retry-after` decides, else `x-ratelimit-reset` when nothing remains, else a minute that doubles each time
        (GitHub: "Rate limits for the REST API", exceeding the rate limit).
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


@dataclass(frozen=True)
class Answer:
    """One answer that is no refusal: its status, its headers in lower case, and its JSON."""

    status: int
    headers: Mapping[str, str]
    data: Any

    @property
    def next_page(self) -> str:
        """Return the address of the next page of a list, or an empty text on the last one."""
        found = NEXT.search(self.headers.get("link", ""))
        return str(found.group(1)) if found else ""

    @property
    def moved_to(self) -> str:
        """Return where the thing has moved to, or an empty text."""
        return self.headers.get("location", "") if self.status in MOVED else ""


def spoken(ask: Callable[[], Raw], pacer: Pacer | None = None) -> Answer:
    """Return the answer of one call, or raise what its status means for us; a limited one holds the pacer."""
    import requests

    try:
        status, given, body = ask()
    except (requests.RequestException, OSError) as error:
        raise Transient(f"GitHub did not answer: {type(error).__name__}", hint="It is tried again.") from error
    except RuntimeError as error:  # PyGithub's word for a redirect to another host
        raise Declined(f"GitHub's address is another one: {error}", hint="Check GITHUB_API_URL.") from error
    headers = {str(key).lower(): str(value) for key, value in given.items()}
    try:
        data = json.loads(body) if body else None
    except ValueError:
        if status < 500:
            raise Transient(f"GitHub's answer {status} is no JSON", hint="It is tried again.") from None
        data = None
    if status >= 400:
        raise _meaning(status, headers, data, pacer)
    return Answer(status, headers, data)


def _meaning(status: int, headers: Mapping[str, str], data: Any, pacer: Pacer | None) -> Exception:
    said = str(data.get("message", "")) if isinstance(data, Mapping) else ""
    if status == 401:
        return Unauthorised(said)
    limited = status == 429 or "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"
    if status in (403, 429) and (limited or "rate limit" in said.lower()):
        wait = pacer.hold(headers) if pacer else LEAST_PATIENCE
        return Transient(f"GitHub's rate limit is reached: {said}", hint="It goes on by itself.", retry_after=wait)
    if status in (404, 410):
        return Missing(f"GitHub has no such thing for us ({status}): {said}")
    if status in (405, 409, 422):
        return Conflict(status, f"GitHub refuses this as things stand ({status}): {said}")
    if status >= 500:
        return Transient(f"GitHub failed with {status}: {said}", hint="It is tried again.")
    return Declined(f"GitHub refuses this ({status}): {said}", hint="Check the App's permissions.")


def seconds(stamp: str) -> float:
    """Return a GitHub time stamp as UTC in seconds since 1970."""
    return datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()
