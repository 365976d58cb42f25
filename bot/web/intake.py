"""Uploads: logs and reports from any CI, telemetry, OpenTelemetry; authorised, bounded, kept, answered."""

from __future__ import annotations

import asyncio
import hashlib
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

import re2
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from bot.errors import BotError, Misconfigured, Refused, Transient
from bot.web.webhook import LARGE_AT_ONCE, guarded, problem

MAX_EXPANDED = 200 * 1024 * 1024
REPOSITORY = re2.compile(r"^[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}$")
SHA = re2.compile(r"^[0-9a-f]{40}$")
TYPES = (
    "text/",
    "application/gzip",
    "application/zip",
    "application/json",
    "application/xml",
    "application/octet-stream",
)
GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Upload:
    """One upload: the repository and commit it belongs to, what it is, and its parts by name."""

    repository: str
    sha: str
    ref: str
    workflow: str
    job: str
    parts: tuple[tuple[str, bytes], ...]

    @property
    def id(self) -> str:
        """Return an id that is the same for the same bytes of the same commit."""
        found = hashlib.sha256(f"{self.repository}\0{self.sha}".encode())
        for name, data in self.parts:
            found.update(f"\0{name}\0{len(data)}\0".encode() + data)
        return found.hexdigest()[:32]


class Sink(Protocol):
    """Where uploads go."""

    def allowed(self, token: str, repository: str) -> None:
        """Return when a token may send for a repository; raises as the token is wrong, foreign or can't be checked."""

    def installed(self, repository: str) -> None:
        """Return when the App is installed on the repository; raises `Refused` when it is not."""

    def logs(self, upload: Upload) -> str:
        """Keep an upload and return its id."""

    def spans(self, repository: str, body: bytes, content_type: str) -> None:
        """Keep spans; raises `Misconfigured` when the body holds none."""

    def records(self, repository: str, body: bytes, content_type: str) -> None:
        """Keep log records; raises `Misconfigured` when the body holds none."""

    def repository_of(self, token: str) -> str:
        """Return the repository that a token is for."""


Work = Callable[[Request, bytes, Sink], Awaitable[Response]]


def router(sink: Sink) -> APIRouter:
    """Return the routes for uploads."""
    made = APIRouter()
    large = asyncio.Semaphore(LARGE_AT_ONCE)

    def bounded(
        work: Callable[[Request, bytes, Sink], Awaitable[Response]],
    ) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            return await guarded(request, large, lambda body: answered(work, request, body, sink))

        return handle

    for path, work in (("/api/logs", logs), ("/v1/traces", traces), ("/v1/logs", log_records)):
        made.add_api_route(path, bounded(work), methods=["POST"], include_in_schema=False)
    return made


async def answered(work: Work, request: Request, body: bytes, sink: Sink) -> Response:
    """Return the answer of `work`; expected errors become their status with a hint."""
    try:
        return await work(request, body, sink)
    except Refused as error:
        return problem(403, str(error), error.hint)
    except Transient as error:
        return problem(503, str(error), error.hint)
    except BotError as error:
        return problem(400, str(error), error.hint)


def bearer(request: Request) -> str:
    """Return the token of a request, or an empty text."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


async def logs(request: Request, body: bytes, sink: Sink) -> Response:
    """Keep an upload of logs, reports or telemetry: 202 with its id."""
    query = request.query_params
    repository, sha = query.get("repository", ""), query.get("sha", "")
    if not REPOSITORY.match(repository) or {".", ".."} & set(repository.split("/")) or not SHA.match(sha):
        return problem(
            400, "repository or sha is missing or malformed", "Send ?repository=OWNER/NAME&sha=40 hex digits."
        )
    refusal = await asyncio.to_thread(authorised, sink, bearer(request), repository)
    if refusal is not None:
        return refusal
    kind = request.headers.get("content-type", "application/octet-stream").lower()
    if kind.startswith("multipart/form-data"):
        parts = await multipart(request, body)
    elif kind.startswith(TYPES):
        parts = (("log", body),)
    else:
        return problem(415, f"{kind} is not understood", "Send text, gzip, zip, JSON, XML or multipart/form-data.")
    if not any(data for _, data in parts):
        return problem(400, "the upload is empty", "Send the log as the body.")
    words = {key: query.get(key, "")[:200] for key in ("ref", "workflow", "job")}
    upload = Upload(repository=repository, sha=sha, parts=parts, **words)
    return JSONResponse({"id": await asyncio.to_thread(sink.logs, upload)}, status_code=202)


def authorised(sink: Sink, token: str, repository: str) -> JSONResponse | None:
    """Return None when the token may send for the repository and the App is installed there, else the answer."""
    if not token:
        return problem(401, "a bearer token is missing", "Make one: selfheal token OWNER/NAME.")
    try:
        sink.allowed(token, repository)
    except Misconfigured as error:
        return problem(401, str(error), error.hint)
    try:
        sink.installed(repository)
    except Refused as error:
        return problem(404, str(error), error.hint)
    return None


async def multipart(request: Request, body: bytes) -> tuple[tuple[str, bytes], ...]:
    """Return the files of a multipart body by name; raises `Misconfigured` when it is none."""
    from email.message import Message
    from email.parser import BytesParser

    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    parsed: Message = BytesParser().parsebytes(head + body)
    if not parsed.is_multipart():
        raise Misconfigured("the body is no multipart form", hint="Send it as curl -F does.")
    found = []
    for part in parsed.get_payload():
        data = part.get_payload(decode=True) if isinstance(part, Message) else None
        if isinstance(part, Message) and isinstance(data, bytes):
            found.append((part.get_filename() or str(part.get_param("name", "log", "content-disposition")), data))
    return tuple(found)


def expanded(body: bytes, encoding: str) -> bytes:
    """Return a body without its gzip; raises `Misconfigured` when it is damaged or grows beyond the limit."""
    if encoding != "gzip" and not body.startswith(GZIP):
        return body
    reader = zlib.decompressobj(wbits=31)
    try:
        data = reader.decompress(body, MAX_EXPANDED)
    except zlib.error as error:
        raise Misconfigured(f"the gzip is damaged: {error}", hint="Send it again.") from None
    if reader.unconsumed_tail:
        raise Misconfigured(f"the body grows beyond {MAX_EXPANDED} bytes", hint="Send smaller batches.")
    return data


async def traces(request: Request, body: bytes, sink: Sink) -> Response:
    """Keep exported spans; answers as an OTLP receiver does."""
    return await _otlp(request, body, sink, sink.spans)


async def log_records(request: Request, body: bytes, sink: Sink) -> Response:
    """Keep exported log records; answers as an OTLP receiver does."""
    return await _otlp(request, body, sink, sink.records)


async def _otlp(request: Request, body: bytes, sink: Sink, keep: Callable[[str, bytes, str], None]) -> Response:
    token, kind = bearer(request), request.headers.get("content-type", "").lower()
    if not token:
        return problem(401, "a bearer token is missing", "Make one: selfheal token OWNER/NAME.")
    if "protobuf" not in kind and "json" not in kind:
        return problem(415, f"{kind} is not understood", "Send application/x-protobuf or application/json.")
    try:
        repository = await asyncio.to_thread(sink.repository_of, token)
    except Misconfigured as error:
        return problem(401, str(error), error.hint)
    data = await asyncio.to_thread(expanded, body, request.headers.get("content-encoding", ""))
    await asyncio.to_thread(keep, repository, data, kind)
    if "protobuf" in kind:
        return Response(b"", media_type="application/x-protobuf")
    return JSONResponse({"partialSuccess": {}})
