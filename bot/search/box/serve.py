"""Answers the requests about one collected suite: observe it, screen candidates, confirm survivors."""

from __future__ import annotations

import signal
import time
from contextlib import contextmanager
from typing import Any, Iterator

from .forks import Channel, Emit, lines
from .swap import Json, OverBudget, Sources, Swap, ticks
from .watch import Lines, describe


@contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """Raise OverBudget in the block after `seconds`."""

    def ring(_number: int, _frame: object) -> None:
        raise OverBudget

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class Server:
    """Serves one suite; `sources` hold the files that candidates change."""

    def __init__(self, suite: Any) -> None:
        self.suite = suite
        self.sources = Sources()
        self.batch = 50
        self.quick = True
        self.unclean = 0.0

    def serve(self, channel: Channel) -> None:
        """Answer requests until the other side is gone."""
        while True:
            request = channel.receive(0)
            if request is None:
                return
            channel.send(getattr(self, "do_" + request["op"])(request))

    def do_learn(self, request: Json) -> Json:
        """Take in the texts of files that will change; their functions tick from now on."""
        self.sources.add(request["texts"])
        return {"live": {path: len(source.live) for path, source in self.sources.by_path.items()}}

    def do_observe(self, request: Json) -> Json:
        """Return for each test its outcome, error, lines that ran, ticks and seconds, in the order given."""
        return {"tests": list(lines(lambda emit: self._observe(request, emit), lambda: request["patience"]))}

    def _observe(self, request: Json, emit: Emit) -> None:
        end = time.monotonic() + request["seconds"]
        tests = request["tests"]
        for test, following in zip(tests, [*tests[1:], None]):
            if time.monotonic() > end:
                return
            watch = Lines() if request.get("lines", True) else None
            emit({"starts": test})
            with alarm(request["each"]):
                result = self._one(test, following, request["limit"], watch)
            emit({"test": test, **result})

    def _one(self, test: str, following: str | None, limit: int, watch: Lines | None = None) -> Json:
        ticks.start(limit)
        began = time.perf_counter()
        try:
            if watch is None:
                outcome, error = self.suite.full(test, following)
            else:
                with watch:
                    outcome, error = self.suite.full(test, following)
        except BaseException as raised:  # noqa: BLE001  whatever a test raises is its result
            outcome, error = "error", describe(raised)
        over = ticks.used > ticks.limit or (error or {}).get("type") == OverBudget.__name__
        seconds = time.perf_counter() - began
        found = {"outcome": "hang" if over else outcome, "error": error, "ticks": ticks.used, "seconds": seconds}
        return {**found, "lines": watch.take()} if watch else found

    def run(self, test: str) -> Json | None:
        """Run one test the quick way if that is faithful here; return its error."""
        if self.quick:
            return describe(self.suite.quick(test))
        outcome, error = self.suite.full(test, None)
        return None if outcome == "passed" else error or {"type": outcome, "message": "", "frames": []}

    def do_calibrate(self, request: Json) -> Json:
        """Find out whether running tests without the runner's protocol gives the same outcome."""
        tests = request["tests"]
        found = list(lines(lambda emit: self._types(tests, request["limit"], emit), lambda: request["patience"]))
        self.quick = [one["type"] for one in found] == request["types"]
        return {"quick": self.quick}

    def _types(self, tests: list[str], limit: int, emit: Emit) -> None:
        for test in tests:
            ticks.start(limit)
            emit({"type": (self.run(test) or {}).get("type", "")})

    def do_screen(self, request: Json) -> Json:
        """Return for each candidate how it did on the failing tests."""
        todo = request["candidates"]
        results: list[Json] = []
        while len(results) < len(todo):
            part = todo[len(results) : len(results) + self.batch]
            found, clean = self._batch(part, request)
            if not clean:
                found = [self._batch([one], request)[0][0] for one in part]
            self._adapt(clean)
            results.extend(found)
        return {"results": results, "isolated": self.batch == 1}

    def _adapt(self, clean: bool) -> None:
        """Where candidates often leave traces, give each run its own parameters, then each candidate its own process."""
        self.unclean = max(0.0, self.unclean - 0.1) if clean else self.unclean + 1
        if self.unclean >= 3:
            self.unclean = 0.0
            if self.suite.copying:
                self.batch = 1
            self.suite.copying = True

    def _batch(self, part: list[Json], request: Json) -> tuple[list[Json], bool]:
        found: list[Json] = []
        clean = True
        for message in lines(lambda emit: self._screen(part, request, emit), lambda: request["patience"]):
            if "clean" in message:
                clean = message["clean"]
            else:
                found.append(message)
        if len(found) < len(part) and not (found and found[-1]["s"] == "over"):
            found.append({"s": "hang"})
        return found, clean

    def _screen(self, part: list[Json], request: Json, emit: Emit) -> None:
        tests, limit, known = request["tests"], request["limit"], request["known"]
        for candidate in part:
            swap = self.sources.swap(candidate)
            if isinstance(swap, Swap):
                with swap:
                    result = self._try(tests, limit)
                emit(result)
                self.sources.forget()
            else:
                emit({"s": swap})
        if len(part) > 1:
            emit({"clean": self._fails_as_before(tests[0], limit, known)})

    def _fails_as_before(self, test: str, limit: int, known: str) -> bool:
        error = self._try([test], limit).get("e")
        return error is not None and bool(error["type"] == known)

    def _try(self, tests: list[str], limit: int) -> Json:
        most = 0
        for done, test in enumerate(tests):
            ticks.start(limit)
            error = self.run(test)
            most = max(most, ticks.used)
            if ticks.used > limit or (error and error["type"] == OverBudget.__name__):
                return {"s": "over", "n": done}
            if error:
                return {"s": "failed", "n": done, "e": error}
        return {"s": "passed", "n": len(tests), "ticks": most}

    def do_confirm(self, request: Json) -> Json:
        """Return for each candidate the tests that did not pass, of all given, in a fork of its own."""
        return {"results": [self._confirm(candidate, request) for candidate in request["candidates"]]}

    def _confirm(self, candidate: Json, request: Json) -> Json:
        swap = self.sources.swap(candidate)
        if not isinstance(swap, Swap):
            return {"s": swap}
        with swap:
            found = list(lines(lambda emit: self.all(request, emit), lambda: request["patience"]))
        return summary(found, request["tests"])

    def all(self, request: Json, emit: Emit) -> None:
        """Run all tests of a request in order, up to the first that does not pass."""
        tests = request["tests"]
        for test, following in zip(tests, [*tests[1:], None]):
            result = self._one(test, following, request["limit"], Lines() if request.get("lines") else None)
            emit({"test": test, **result})
            if result["outcome"] not in ("passed", "skipped", "xfailed") and not request.get("lines"):
                return


def summary(found: list[Json], tests: list[str]) -> Json:
    """Return a candidate's result from the results of its tests: those missing count as failed."""
    outcomes = {result["test"]: result["outcome"] for result in found}
    bad = [test for test in tests if outcomes.get(test, "missing") not in ("passed", "skipped", "xfailed")]
    return {"s": "failed" if bad else "passed", "bad": bad[:20], "n": len(found), "tests": found}
