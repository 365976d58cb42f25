"""The process in the box: one child has collected and serves swaps; what can't be swapped gets a new process."""

from __future__ import annotations

import os
import sys
import tempfile
from typing import Any

from . import forks
from .forks import Channel, Emit
from .serve import Server, summary
from .suites import collect, importable
from .swap import ROOT, Json, apply
from .watch import loaded


class Worker:
    """Answers the host: by the server that has collected, or by a process that imports the changed files anew."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.setup: Json = {}
        self.texts: dict[str, str] = {}
        self.server: Any = None
        self.child = 0

    def run(self) -> None:
        """Serve until the host is gone."""
        self.setup = self.channel.receive(0) or {}
        found = importable(self.setup["runner"])
        self.child, self.server = forks.start(self._collected)
        ready = self.server.receive(self.setup["patience"]) if found else None
        self.channel.send(ready or {"ready": False})
        while ready:
            request = self.channel.receive(0)
            if request is None:
                break
            self.channel.send(self._answer(request))
        forks.kill(self.child)

    def _collect(self, work: Any) -> None:
        collect(self.setup["runner"], self.setup["args"], self.setup["files"], work)

    def _collected(self, channel: Channel) -> None:
        def work(suite: Any) -> None:
            channel.send({"ready": True, "tests": suite.tests, "loaded": loaded()})
            Server(suite).serve(channel)

        self._collect(work)

    def _answer(self, request: Json) -> Json:
        self.texts.update(request.get("texts", {}))
        self.server.send(request)
        answer: Json = self.server.receive(0) or {"gone": True}
        results = answer.get("results", [])
        for at, result in enumerate(results):
            if result["s"] == "fresh":
                results[at] = self._fresh(request["candidates"][at], request)
        return answer

    def _fresh(self, candidate: Json, request: Json) -> Json:
        try:
            new = {path: apply(self.texts[path], edits) for path, edits in candidate.items()}
            for path, text in new.items():
                if path.endswith(".py"):
                    compile(text, path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError):
            return {"s": "broken"}
        absent = [path for path in new if not os.path.exists(os.path.join(ROOT, path))]
        self._write(new)
        try:
            found = list(forks.lines(lambda emit: self._anew(request, emit), lambda: max(request["patience"], 10.0)))
        finally:
            self._write({path: self.texts[path] for path in new if path not in absent})
            for path in absent:
                os.remove(os.path.join(ROOT, path))
        result = summary([one for one in found if "test" in one], request["tests"])
        failed = next((one for one in found if one.get("error")), None)
        return {**result, "e": failed and failed["error"], "n": len(found) - 1 if failed else len(found)}

    def _anew(self, request: Json, emit: Emit) -> None:
        self._collect(lambda suite: Server(suite).all(request, emit))

    def _write(self, texts: dict[str, str]) -> None:
        for path, text in texts.items():
            whole = os.path.join(ROOT, path)
            os.makedirs(os.path.dirname(whole), exist_ok=True)
            with open(whole, "w", encoding="utf-8", newline="", errors="surrogateescape") as stream:
                stream.write(text)


def main() -> None:
    """Talk to the host over what were standard input and output; the code under test sees neither."""
    channel = Channel(os.dup(0), os.dup(1))
    nothing = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nothing, fd)
    sys.dont_write_bytecode = True
    sys.pycache_prefix = tempfile.mkdtemp()
    Worker(channel).run()
