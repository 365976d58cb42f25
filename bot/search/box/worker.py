"""The process in the box: one child has collected and serves swaps; what can't be swapped gets a new process."""

from __future__ import annotations

import os
import sys
from typing import Any

from . import codes, forks
from .forks import Channel, Emit
from .serve import Server, processor, signed, summary
from .suites import collect_for, importable
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
        self.warm: Any = None  # whether importing the project again is as good as a new process, once known

    def run(self) -> None:
        """Serve until the host is gone."""
        self.setup = self.channel.receive(0) or {}
        found = importable(self.setup["runner"])
        codes.keep()
        self.child, self.server = forks.start(self._collected)
        ready = self.server.receive(self.setup["patience"]) if found else None
        self.channel.send(ready or {"ready": False})
        while ready:
            request = self.channel.receive(0)
            if request is None:
                break
            self.channel.send(self._answer(request))
        forks.kill(self.child)

    def _collected(self, channel: Channel) -> None:
        def work(suite: Any) -> None:
            channel.send({"ready": True, "tests": suite.tests, "loaded": loaded()})
            Server(suite).serve(channel)

        collect_for(self.setup, work)

    def _answer(self, request: Json) -> Json:
        self.texts.update(request.get("texts", {}))
        self.server.send(request)
        answer: Json = self.server.receive(0) or {"gone": True}
        results = answer.get("results", [])
        for at, result in enumerate(results):
            if result["s"] == "fresh":
                results[at] = self._fresh(request["candidates"][at], request)
        return {**answer, "processor": answer.get("processor", 0.0) + processor()}

    def _fresh(self, candidate: Json, request: Json) -> Json:
        try:
            new = {path: apply(self.texts[path], edits) for path, edits in candidate.items()}
            for path, text in new.items():
                if path.endswith(".py"):
                    compile(text, path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError):
            return {"s": "broken"}
        if self.warm is None:
            first = {**request, "tests": request["tests"][:1]}
            self.warm = signed(self._cold(first)) == signed(self._again(first))
        absent = [path for path in new if not os.path.exists(os.path.join(ROOT, path))]
        self._write(new)
        try:
            found = self._again(request) if self.warm else self._cold(request)
        finally:
            self._write({path: self.texts[path] for path in new if path not in absent})
            for path in absent:
                os.remove(os.path.join(ROOT, path))
        result = summary([one for one in found if "test" in one], request["tests"])
        failed = next((one for one in found if one.get("error")), None)
        return {**result, "e": failed and failed["error"], "n": len(found) - 1 if failed else len(found)}

    def _again(self, request: Json) -> list[Json]:
        """Return what tests do in a fork that imports the project again, with all else still imported."""
        self.server.send({**request, "op": "anew", "setup": self._only(request), "candidates": []})
        return list((self.server.receive(0) or {}).get("tests", ()))

    def _cold(self, request: Json) -> list[Json]:
        """Return what tests do in a process that has imported nothing but the runner."""

        def work(emit: Emit) -> None:
            collect_for(self._only(request), lambda suite: Server(suite).all(request, emit))

        return list(forks.lines(work, lambda: max(request["patience"], 10.0)))

    def _only(self, request: Json) -> Json:
        """Return the set-up that collects no more than the modules of a request's tests."""
        own = sorted({test.partition("::")[0] for test in request["tests"]})
        return {**self.setup, "files": own} if self.setup["files"] else self.setup

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
    sys.dont_write_bytecode = True  # the tree came without any either: none can be stale
    Worker(channel).run()
