"""The HTTP side of the stand-in: signing in, routing, limits and faults, git over HTTP."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import jwt

from tests.github import judge

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
        self.lists = parse_qs(parts.query, keep_blank_values=True)
        self.query = {key: values[0] for key, values in self.lists.items()}
        self.form: dict[str, str] = {}
        self.data: Any = {}
        if self.path.startswith("/settings/"):  # a page of the site, not of the API
            self.form = {key: values[0] for key, values in parse_qs(body.decode()).items()}
        elif body.strip():
            self.data = json.loads(body)
        self.login = ""
        self.last_page = 1
        self.app: App | None = None
        self.repo: Repo

    def page(self, items: list[Any]) -> list[Any]:
        """Return the page of a list that was asked for, and remember which the last one is."""
        size = min(int(self.query.get("per_page", 30)), self.standin.page_size)
        number = int(self.query.get("page", 1))
        self.last_page = -(-len(items) // size)
        return items[size * (number - 1) : size * number]

    def links(self) -> dict[str, str]:
        """Return the `Link` header that leads to the other pages of a list."""
        number, where = int(self.query.get("page", 1)), f"{self.standin.api_url}{self.path}"
        if number >= self.last_page:
            return {}
        pages = (("next", number + 1), ("last", self.last_page))
        made = [f'<{where}?{urlencode({**self.query, "page": page})}>; rel="{name}"' for name, page in pages]
        return {"Link": ", ".join(made)}


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
    from tests.github import merging, routes  # noqa: F401 - registers the routes

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
            status, headers, data = answer(standin, self.command, self.path, body, dict(self.headers.items()))
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
    done = subprocess.run(["git", "http-backend"], input=body, env=env, capture_output=True, check=False)
    head, _, data = done.stdout.partition(b"\r\n\r\n")
    made = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
    return int(made.pop("Status", "200").split()[0]), made, data


Answer = tuple[int, dict[str, str], Any]


def answer(
    standin: StandIn, method: str, path: str, body: bytes, headers: dict[str, str]
) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body for one API request; it is judged and counted, and faults are put in."""
    path = path.removeprefix(standin.prefix)
    with standin.lock:
        fault = faulty(standin, method, path)
        trap = trapped(standin, method, path)
        if trap is not None and not trap.after:
            trap.spring()
            return 500, {}, b""
        if fault is not None and not fault.after:
            status, more, data = fault.status, dict(fault.headers), fault.body or {"message": fault.message}
        else:
            status, more, data = judged(standin, Call(standin, method, path, body), body, headers)
            if fault is not None:
                status, more, data = fault.status, dict(fault.headers), fault.body or {"message": fault.message}
        if not isinstance(data, bytes):
            data = b"" if data is None else json.dumps(data).encode()
            status, more, data = conditional(method, status, more, data, headers)
        standin.answered.append((method, path, status))
        if trap is not None:
            trap.spring()
    return status, more, data


def judged(standin: StandIn, call: Call, body: bytes, headers: dict[str, str]) -> Answer:
    """Return the answer of a route in the shape that GitHub describes; whatever breaks the description is noted."""
    auth = headers.get("Authorization", "")
    if call.path.startswith(UNDESCRIBED):
        return handled(standin, call, auth)
    standin.violations += judge.request(call.method, call.path, call.lists, headers, body)
    status, more, data = handled(standin, call, auth)
    found = judge.operation(call.method, call.path)
    if found is None or isinstance(data, bytes) or status >= 400:
        return status, more, data
    data = judge.shaped(found[0], status, data)
    standin.violations += judge.answer(found[0], status, data)
    return status, {**more, **call.links()}, data


def conditional(
    method: str, status: int, more: dict[str, str], data: bytes, headers: dict[str, str]
) -> tuple[int, dict[str, str], bytes]:
    """Return an answer with the headers that GitHub's answers have; one that is known already is just 304."""
    kept = {"Content-Type": "application/json; charset=utf-8", **RATE, "X-GitHub-Request-Id": secrets.token_hex(8)}
    kept |= {"X-RateLimit-Reset": str(int(time.time()) + 3000), **more}
    if method == "GET" and status == 200:
        kept["ETag"] = f'W/"{hashlib.sha256(data).hexdigest()}"'
        if headers.get("If-None-Match") == kept["ETag"]:
            return 304, kept, b""
    return status, kept, data


UNDESCRIBED = ("/graphql", "/api/graphql", "/_logs/", "/settings/", "/organizations/")
RATE = {
    "X-RateLimit-Limit": "5000",
    "X-RateLimit-Remaining": "4999",
    "X-RateLimit-Used": "1",
    "X-RateLimit-Resource": "core",
}


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
                return judge.usual(method, call.path), {}, function(call, found)
        raise Say(404, f"no such route: {call.method} {call.path}")
    except Say as said:
        return said.status, said.headers, None if said.status in (204, 302) else {"message": str(said)}


def signed_in(standin: StandIn, call: Call, auth: str) -> None:
    """Find out who calls: an App by its JWT, or an installation by its token; others get 401."""
    if call.path.startswith("/_logs/"):
        if auth:
            raise Say(400, "a token was sent where it does not belong")
        return
    if call.path.startswith(("/settings/", "/app-manifests/")):
        return
    token = auth.partition(" ")[2]
    if token in standin.tokens:
        number, name = standin.tokens[token]
        app = next((app for app in standin.apps.values() if number in app.installations), None)
        if app is None:
            raise Say(401, "Bad credentials")
        call.login, call.app = app.login, app
        call.repo = standin.repos[name]
        asked = "/".join(unquote(call.path).split("/")[2:4])
        open_ = asked in standin.repos and not standin.repos[asked].private
        if asked.endswith("/.github") and open_ and call.method == "GET":
            call.repo = standin.repos[asked]
            return
        if not unquote(call.path).startswith((f"/repos/{name}", "/installation/repositories", "/orgs/", *UNDESCRIBED)):
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
