"""The webhook receiver: verify, keep, answer; all thinking happens later.

The signature is checked on the raw bytes in constant time, against the secret and, during a rotation, the one before.
Events of our own are dropped before anything is stored.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from bot.errors import Transient
from bot.web.events import EVENTS

MAX_BYTES = 25 * 1024 * 1024  # GitHub sends nothing larger
BODY_SECONDS = 10.0
LARGE_BYTES = 1024 * 1024
LARGE_AT_ONCE = 3
ID_CHARS = 100
# What our own acts bring about and somebody waits for: checks that ended, a base that moved.
FACTS = frozenset({"check_run", "check_suite", "deployment_status", "push", "status", "workflow_job", "workflow_run"})


class Keep(Protocol):
    """Keeps a delivery; the result tells whether it was new."""

    def __call__(self, delivery_id: str, event: str, body: bytes) -> Future[bool]:
        """Return a future that is done when the delivery is committed."""


@dataclass(frozen=True)
class Receiver:
    """What the receiver needs: the secrets that are valid now, where deliveries go, and who we are."""

    secrets: tuple[str, ...]
    keep: Keep
    own_logins: Callable[[], frozenset[str]] = frozenset


class TooLarge(Exception):
    """The body is larger than allowed."""


def signed(body: bytes, signature: str, secrets: tuple[str, ...]) -> bool:
    """Return whether a `sha256=...` signature fits the body under one of the secrets, in constant time."""
    fits = [
        hmac.compare_digest("sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(), signature)
        for secret in secrets
        if secret
    ]
    return any(fits)


async def read_body(request: Request, limit: int) -> bytes:
    """Return the body; raises `TooLarge` as soon as it is longer than `limit`, announced or not."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise TooLarge
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise TooLarge
    return bytes(body)


def own(payload: dict[str, Any], logins: frozenset[str]) -> bool:
    """Return whether an event was caused by ourselves."""
    sender = payload.get("sender")
    return isinstance(sender, dict) and str(sender.get("login", "")).lower() in logins


def wanted(event: str, payload: dict[str, Any], receiver: Receiver) -> bool:
    """Return whether an event is kept: one of those we handle, and not our own unless it is waited for."""
    if event not in EVENTS:
        return False
    return event in FACTS or not own(payload, receiver.own_logins())


def problem(status: int, error: str, hint: str) -> JSONResponse:
    """Return an error answer that says what happened and what to do."""
    return JSONResponse({"error": error, "hint": hint}, status_code=status)


def router(receiver: Receiver) -> APIRouter:
    """Return the routes of the receiver."""
    made = APIRouter()
    large = asyncio.Semaphore(LARGE_AT_ONCE)

    async def receive(request: Request) -> Response:
        return await guarded(request, large, lambda body: accept(request, body, receiver))

    for path in ("/api/github/webhooks", "/webhook"):
        made.add_api_route(path, receive, methods=["POST"], include_in_schema=False)
    return made


async def guarded(request: Request, large: asyncio.Semaphore, work: Callable[[bytes], Awaitable[Response]]) -> Response:
    """Return the answer of `work` on the body, which must come in time and within the limit."""
    announced = request.headers.get("content-length", "")
    small = announced.isdecimal() and int(announced) <= LARGE_BYTES
    try:
        async with asyncio.timeout(BODY_SECONDS):
            if small:
                body = await read_body(request, LARGE_BYTES)
            else:
                async with large:
                    body = await read_body(request, MAX_BYTES)
    except TooLarge:
        return problem(413, "the body is too large", f"Send at most {MAX_BYTES} bytes.")
    except TimeoutError:
        return problem(408, "the body did not come in time", "Send it again.")
    return await work(body)


async def accept(request: Request, body: bytes, receiver: Receiver) -> JSONResponse:
    """Return 202 once the delivery is committed; 401, 400 or 503 otherwise."""
    if not signed(body, request.headers.get("x-hub-signature-256", ""), receiver.secrets):
        return problem(401, "the signature is missing or wrong", "Check the webhook secret on both sides.")
    delivery, event = request.headers.get("x-github-delivery", ""), request.headers.get("x-github-event", "")
    if not event or not (0 < len(delivery) <= ID_CHARS and delivery.isascii() and delivery.isprintable()):
        return problem(400, "X-GitHub-Delivery or X-GitHub-Event is missing", "Send what GitHub sends.")
    payload = await parsed(body)
    if payload is None:
        return problem(400, "the body is not a JSON object", "Set the webhook's content type to application/json.")
    if wanted(event, payload, receiver):
        try:
            await asyncio.wrap_future(receiver.keep(delivery, event, body))
        except Transient as error:
            return problem(503, str(error), error.hint)
    return JSONResponse({"id": delivery}, status_code=202)


async def parsed(body: bytes) -> dict[str, Any] | None:
    """Return the JSON object in a body, or None; a large one is parsed off the event loop."""
    if len(body) > LARGE_BYTES:
        return await asyncio.to_thread(_parsed, body)
    return _parsed(body)


def _parsed(body: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
