"""The way in for commands while the server runs: a socket on loopback, for whoever may read the state folder.

SQLite wants one process that writes. So a command that changes something asks the server to do it: one JSON line there,
one back. Where the socket is, and the word that opens it, stand in a file that only this user may read.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
import socket
import socketserver
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from bot.adapters.lock import held
from bot.errors import BotError, Misconfigured

FILE = "control.json"
SECONDS = 30.0
LINE_BYTES = 4096
Deed = Callable[[str], str]


class Control:
    """The server's side: carries out named deeds; each takes a text and returns one."""

    def __init__(self, folder: Path, deeds: Mapping[str, Deed]) -> None:
        """Listen on a free port of loopback and write down where."""
        word = secrets.token_urlsafe(32)

        class Handler(socketserver.StreamRequestHandler):
            timeout = SECONDS

            def handle(self) -> None:
                """Answer one line."""
                line = self.rfile.readline(LINE_BYTES)
                self.wfile.write(json.dumps(answered(line, word, deeds)).encode() + b"\n")

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self._file = folder / FILE
        self._file.unlink(missing_ok=True)
        self._file.touch(mode=0o600)
        self._file.write_text(json.dumps({"port": self._server.server_address[1], "word": word}), encoding="ascii")
        self._thread = threading.Thread(target=self._server.serve_forever, name="control", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no more."""
        self._file.unlink(missing_ok=True)
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=10)


def answered(line: bytes, word: str, deeds: Mapping[str, Deed]) -> dict[str, str]:
    """Return what came of the deed that a line asks for: `done`, or `error` with its `hint`."""
    try:
        asked = json.loads(line)
        known, deed, name = str(asked["word"]), str(asked["deed"]), str(asked["name"])
    except (ValueError, KeyError, TypeError):
        return {"error": "the line is not understood", "hint": "Use the program that came with the server."}
    if not hmac.compare_digest(known.encode(), word.encode()) or deed not in deeds:
        return {"error": "this is not allowed", "hint": "Run it as the server's user, in the same version."}
    try:
        return {"done": deeds[deed](name)}
    except BotError as error:
        return {"error": str(error), "hint": error.hint}


def ask(folder: Path, deed: str, name: str) -> str | None:
    """Return what the server that holds the state made of a deed, or None when none holds it.

    Raises `Misconfigured` as the server refuses, or when it can't be spoken to.
    """
    if not folder.is_dir() or not held(folder):
        return None
    try:
        known = json.loads((folder / FILE).read_text(encoding="ascii"))
        with socket.create_connection(("127.0.0.1", int(known["port"])), timeout=SECONDS) as line:
            line.sendall(json.dumps({"word": known["word"], "deed": deed, "name": name}).encode() + b"\n")
            answer = json.loads(line.makefile("rb").readline())
    except (OSError, ValueError, KeyError) as error:
        what = f"the process that holds {os.fspath(folder)} does not answer: {error}"
        raise Misconfigured(what, hint="Wait until it has started, or stop it.") from None
    if "error" in answer:
        raise Misconfigured(str(answer["error"]), hint=str(answer.get("hint", "")))
    return str(answer["done"])
