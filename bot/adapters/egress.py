"""A proxy on the loopback that lets an installation reach the hosts of package indexes and no other.

What a repository declares decides which addresses an installer asks for (`x @ http://10.0.0.1/...`): without a list of
hosts, a stranger's metadata could make this machine talk to anything that it can reach.
"""

from __future__ import annotations

import contextlib
import fnmatch
import select
import socket
import socketserver
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

_HEADER, _CHUNK, _SECONDS = 65_536, 65_536, 60.0
_REFUSED = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_UNREACHED = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_OPEN = b"HTTP/1.1 200 Connection established\r\n\r\n"


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    hosts: tuple[str, ...] = ()


class _Connection(socketserver.BaseRequestHandler):
    """One connection of the installer: a tunnel, or one plain request."""

    server: _Server

    def handle(self) -> None:
        """Pass the connection on if its host is on the list."""
        line, _, rest = _head(self.request).partition(b"\r\n")
        words = line.decode("latin-1").split()
        if len(words) != 3:
            return
        host, port, address = _target(words)
        if not allowed(host, self.server.hosts):
            self.request.sendall(_REFUSED)
            return
        try:
            upstream = socket.create_connection((host, port), timeout=_SECONDS)
        except OSError:
            self.request.sendall(_UNREACHED)
            return
        with upstream, contextlib.suppress(OSError):
            if words[0] == "CONNECT":
                self.request.sendall(_OPEN)
            else:
                upstream.sendall(_plain(words, address, rest))
            _relay(self.request, upstream)


def _target(words: list[str]) -> tuple[str, int, str]:
    """Return host, port and the address at that host that a request line asks for; no host when it is malformed."""
    tunnel = words[0] == "CONNECT"
    try:
        parts = urlsplit(f"//{words[1]}" if tunnel else words[1])
        port = parts.port or (443 if tunnel else 80)
    except ValueError:
        return "", 0, ""
    return parts.hostname or "", port, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def allowed(host: str, hosts: Iterable[str]) -> bool:
    """Return whether a host is on a list; an entry `*.example.org` stands for every host below example.org."""
    return bool(host) and any(fnmatch.fnmatchcase(host.lower(), one.lower()) for one in hosts)


def _head(client: Any) -> bytes:
    client.settimeout(_SECONDS)
    data = b""
    with contextlib.suppress(OSError):
        while b"\r\n\r\n" not in data and len(data) < _HEADER:
            chunk = client.recv(_CHUNK)
            if not chunk:
                break
            data += chunk
    return data


def _plain(words: list[str], address: str, rest: bytes) -> bytes:
    """Return a plain request as its server wants it, for one answer: the connection closes after it."""
    lines = [line for line in rest.split(b"\r\n") if not line.lower().startswith((b"proxy-", b"connection:"))]
    return f"{words[0]} {address} {words[2]}\r\nConnection: close\r\n".encode("latin-1") + b"\r\n".join(lines)


def _relay(client: Any, upstream: socket.socket) -> None:
    ends = {client: upstream, upstream: client}
    while True:
        ready, _, _ = select.select(list(ends), [], [], _SECONDS)
        for one in ready:
            data = one.recv(_CHUNK)
            if not data:
                return
            ends[one].sendall(data)
        if not ready:
            return


@contextmanager
def proxy(hosts: Iterable[str]) -> Iterator[str]:
    """Give the address of a proxy that passes connections to these hosts on, and answers 403 for all others."""
    with _Server(("127.0.0.1", 0), _Connection) as server:
        server.hosts = tuple(hosts)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
