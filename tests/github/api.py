"""The HTTP side of the stand-in: signing in, routing, limits and faults, git over HTTP."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

import jwt

if TYPE_CHECKING:
    from tests.github.standin import App, Fault, Repo, StandIn, Trap


class Say(Exception):
    """An answer with a status that is not the usual one."""

    def __init__(self, status: int, message: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}


class Call:
    """One request, with who makes it."""

    def __init__(self, standin: StandIn, method: str, path: str, body: bytes) -> None:
        parts = urlsplit(path)
        self.standin = standin
        self.method = method
        self.path = parts.path
        self.query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        self.data: Any = json.loads(body) if body.strip() else {}
        self.login = ""
        self.app: App | None = None
        self.repo: Repo

    def page(self, items: list[Any]) -> list[Any]:
        """Return the page of a list that was asked for."""
        size, number = int(self.query.get("per_page", 30)), int(self.query.get("page", 1))
        return items[size * (number - 1) : size * number]


Route = Callable[[Call, "re.Match[str]"], Any]
ROUTES: list[tuple[str, re.Pattern[str], Route]] = []


def route(method: str, pattern: str) -> Callable[[Route], Route]:
    """Return a decorator that adds a route."""

    def add(function: Route) -> Route:
        ROUTES.append((method, re.compile(f"^{pattern}$"), function))
        return function

    return add


def serve(standin: StandIn) -> ThreadingHTTPServer:
    """Return a server for a stand-in on a free port of loopback."""
    from tests.github import routes  # noqa: F401 - registers the routes

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *arguments: Any) -> None:
            """Stay quiet."""

        def handle_any(self) -> None:
            """Answer any request."""
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            if ".git/" in self.path:
                self.git(body)
                return
            status, headers, data = answer(
                standin, self.command, self.path, body, self.headers.get("Authorization", "")
            )
            self.reply(status, headers, data)

        def reply(self, status: int, headers: dict[str, str], data: bytes) -> None:
            """Send an answer."""
            self.send_response(status)
            for key, value in {**headers, "Content-Length": str(len(data))}.items():
                self.send_header(key, value)
            with suppress(BrokenPipeError, ConnectionResetError):  # the caller may have been killed meanwhile
                self.end_headers()
                self.wfile.write(data)

        def git(self, body: bytes) -> None:
            """Serve git over HTTP for whoever shows a token of ours."""
            token = basic_token(self.headers.get("Authorization", ""))
            if token not in standin.tokens:
                self.reply(401, {"WWW-Authenticate": 'Basic realm="GitHub"'}, b"")
                return
            self.reply(*smart_http(standin, self.command, self.path, body, self.headers))

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, address: Any) -> None:
            """Stay quiet about callers that were killed; anything else is a fault of ours."""
            if not isinstance(sys.exc_info()[1], ConnectionError):
                super().handle_error(request, address)

    return Server(("127.0.0.1", 0), Handler)


def basic_token(header: str) -> str:
    """Return the token in a Basic header."""
    if not header.startswith("Basic "):
        return ""
    return base64.b64decode(header[6:]).decode().partition(":")[2]


def smart_http(
    standin: StandIn, method: str, path: str, body: bytes, headers: Any
) -> tuple[int, dict[str, str], bytes]:
    """Return what git's own HTTP backend answers."""
    parts = urlsplit(path)
    env = {
        **os.environ,
        "GIT_PROJECT_ROOT": str(standin.folder / "repos"),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": parts.path,
        "QUERY_STRING": parts.query,
        "REQUEST_METHOD": method,
        "CONTENT_TYPE": headers.get("Content-Type", ""),
        "HTTP_CONTENT_ENCODING": headers.get("Content-Encoding", ""),
        "GIT_PROTOCOL": headers.get("Git-Protocol", ""),
        "CONTENT_LENGTH": str(len(body)),
    }
    done = subprocess.run(["git", "http-backend"], input=body, env=env, capture_output=True, check=True)
    head, _, data = done.stdout.partition(b"\r\n\r\n")
    made = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
    return int(made.pop("Status", "200").split()[0]), made, data


def answer(standin: StandIn, method: str, path: str, body: bytes, auth: str) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body for one API request; it is counted, and faults are put in."""
    with standin.lock:
        fault = faulty(standin, method, path)
        trap = trapped(standin, method, path)
        if trap is not None and not trap.after:
            trap.spring()
            return 500, {}, b""
        if fault is not None and not fault.after:
            status, headers, data = fault.status, dict(fault.headers), {"message": fault.message}
        else:
            status, headers, data = handled(standin, Call(standin, method, path, body), auth)
            if fault is not None:
                status, headers, data = fault.status, dict(fault.headers), {"message": fault.message}
        standin.requests.append((method, path, status))
        if trap is not None:
            trap.spring()
    if isinstance(data, bytes):
        return status, headers, data
    text = b"" if data is None else json.dumps(data).encode()
    return status, {"Content-Type": "application/json", "X-RateLimit-Remaining": "4999", **headers}, text


def trapped(standin: StandIn, method: str, path: str) -> Trap | None:
    """Return the trap that a call springs, taken out of the list; the ones before an effect go first."""
    for trap in standin.traps:
        if trap.method == method and trap.part in path:
            standin.traps.remove(trap)
            return trap
    return None


def faulty(standin: StandIn, method: str, path: str) -> Fault | None:
    """Return the fault that applies to a call, used up by one."""
    for fault in standin.faults:
        if fault.method == method and fault.part in path and fault.times > 0:
            fault.times -= 1
            return fault
    return None


def handled(standin: StandIn, call: Call, auth: str) -> tuple[int, dict[str, str], Any]:
    """Return the answer of the route, or why there is none."""
    try:
        signed_in(standin, call, auth)
        for method, pattern, function in ROUTES:
            found = pattern.match(unquote(call.path))
            if method == call.method and found:
                return 201 if method == "POST" else 200, {}, function(call, found)
        raise Say(404, f"no such route: {call.method} {call.path}")
    except Say as said:
        return said.status, said.headers, None if said.status in (204, 302) else {"message": str(said)}


def signed_in(standin: StandIn, call: Call, auth: str) -> None:
    """Find out who calls: an App by its JWT, or an installation by its token; others get 401."""
    if call.path.startswith("/_logs/"):
        if auth:
            raise Say(400, "a token was sent where it does not belong")
        return
    token = auth.partition(" ")[2]
    if token in standin.tokens:
        number, name = standin.tokens[token]
        app = next((app for app in standin.apps.values() if number in app.installations), None)
        if app is None:
            raise Say(401, "Bad credentials")
        call.login, call.app = app.login, app
        call.repo = standin.repos[name]
        if not unquote(call.path).startswith(f"/repos/{name}"):
            raise Say(404, "Not Found")
        return
    for app in standin.apps.values():
        try:
            claims = jwt.decode(token, app.public, algorithms=["RS256"])
        except jwt.PyJWTError:
            continue
        if str(claims["iss"]) == str(app.id) and claims["exp"] - claims["iat"] <= 660:
            call.app = app
            return
    raise Say(401, "Bad credentials")
