"""Answers the requests about one collected suite: observe it, screen candidates, confirm survivors."""

from __future__ import annotations

import resource
import time
from typing import Any

from .behave import Behaviour, Recorder
from .forks import Channel, Emit, lines
from .suites import collect_for
from .swap import Json, OverBudget, Sources, Swap, ticks
from .watch import Lines, alarm, describe, forget_project

ANSWERS, MOST_VARIATIONS = 120, 40  # where few calls were seen, each is varied more often


class Server:
    """Serves one suite; `sources` hold the files that candidates change."""

    def __init__(self, suite: Any) -> None:
        self.suite = suite
        self.sources = Sources()
        self.batch = 50
        self.quick = True
        self.known: list[tuple[str, str]] = [("", "")] * 2
        self.in_order = False
        self.fixtures: frozenset[str] = frozenset()
        self.unclean = 0.0
        self.behaviour = Behaviour(self.sources)

    def serve(self, channel: Channel) -> None:
        """Answer requests until the other side is gone."""
        while True:
            request = channel.receive(0)
            if request is None:
                return
            answer = getattr(self, "do_" + request["op"])(request)
            channel.send({**answer, "processor": processor()})

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
        for test, following, limit in zip(tests, [*tests[1:], None], request["limits"]):
            if time.monotonic() > end:
                return
            watch = Lines() if request["lines"] else None
            emit({"starts": test})
            with alarm(request["each"]):
                result = self._one(test, following, limit, watch)
            emit({"test": test, **result})

    def _one(self, test: str, following: str | None, limit: int, watch: Lines | None = None) -> Json:
        ticks.start(limit)
        began = time.process_time()
        try:
            if watch is None:
                outcome, error = self.suite.full(test, following)
            else:
                with watch:
                    outcome, error = self.suite.full(test, following)
        except BaseException as raised:  # noqa: BLE001  whatever a test raises is its result
            outcome, error = "error", describe(raised)
        over = ticks.used > ticks.limit or (error or {}).get("type") == OverBudget.__name__
        seconds = time.process_time() - began
        found = {"outcome": "hang" if over else outcome, "error": error, "ticks": ticks.used, "seconds": seconds}
        return {**found, "lines": watch.take()} if watch else found

    def run(self, test: str) -> Json | None:
        """Run one test the quick way if that is faithful here; return its error."""
        if self.quick:
            return describe(self.suite.quick(test))
        outcome, error = self.suite.full(test, None)
        return None if outcome == "passed" else error or {"type": outcome, "message": "", "frames": []}

    def do_calibrate(self, request: Json) -> Json:
        """Find out how the first failing test fails the quick way, and whether that is faithful to the runner's."""
        self.fixtures = self.suite.fixtures(request["tests"][0])
        for copying in (True, False):
            self.suite.copying = copying
            self.known = [self._signature(request) for _ in range(2)]
            self.quick = all(one[0] == request["type"] for one in self.known)
            if self.quick:
                break
        return {"quick": self.quick}

    def _signature(self, request: Json) -> tuple[str, str]:
        found = list(lines(lambda emit: emit(self._try(request["tests"], request)), lambda: request["patience"]))
        return signature(found[0] if found else {"s": "hang"})

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
        """Where candidates often leave traces, give each a process of its own."""
        self.unclean = max(0.0, self.unclean - 0.2) if clean else self.unclean + 1
        if self.unclean >= 4:
            self.batch = 1

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
        tests = request["tests"]
        for candidate in part:
            swap = self.sources.swap(candidate)
            if isinstance(swap, Swap):
                with swap:
                    result = self._try(tests, request)
                emit(result)
                self.sources.forget()
            else:
                emit({"s": swap})
        if len(part) > 1:
            emit({"clean": self._fails_as_before(self._try(tests[:1], request))})

    def _fails_as_before(self, result: Json) -> bool:
        """Return whether the code as it is still fails the same way; a message that varies by itself says nothing."""
        found = signature(result)
        steady = self.known[0] == self.known[1]
        return found == self.known[0] if steady else found[0] == self.known[0][0]

    def _try(self, tests: list[str], request: Json) -> Json:
        result: Json = {"s": "passed", "n": len(tests)}
        spent = 0
        for done, (test, limit) in enumerate(zip(tests, request["limits"])):
            ticks.start(limit)
            try:
                with alarm(request["each"]):
                    error = self.run(test)
            except OverBudget as raised:  # it rang after the test had ended
                error = describe(raised)
            spent += ticks.used
            if ticks.used > limit or (error and error["type"] == OverBudget.__name__):
                result = {"s": "over", "n": done, "e": error, "slow": ticks.used <= limit}
                break
            if error:
                result = {"s": "failed", "n": done, "e": error}
                break
        return {**result, "ticks": spent}

    def do_record(self, request: Json) -> Json:
        """Keep the calls that the tests make to some functions; return them and variations of them as texts."""
        self.behaviour.calls = []
        for message in lines(lambda emit: self._record(request, emit), lambda: request["patience"]):
            self.behaviour.calls += [tuple(call) for call in message["calls"]]
        seen = len(self.behaviour.calls)
        count = max(request["count"], min(MOST_VARIATIONS, ANSWERS // max(1, seen)))
        return {
            "seen": seen,
            "count": count,
            "inputs": list(lines(lambda emit: emit({"i": self.behaviour.shown(request["seed"], count)}), lambda: 60)),
        }

    def _record(self, request: Json, emit: Emit) -> None:
        """Emit the calls of each test, with a candidate in place: it gets further than the code as it is."""
        swap = self.sources.swap(request["candidate"])
        with swap if isinstance(swap, Swap) else Swap():
            self._recorded(request, emit)

    def _recorded(self, request: Json, emit: Emit) -> None:
        codes = self.behaviour.codes(request["functions"])
        left = request["most"]
        for test, limit in zip(request["tests"], request["limits"]):
            ticks.start(limit)
            recorder = Recorder(codes, min(left, request["each_test"]))
            with alarm(request["each"]), recorder:
                self.suite.full(test, None)
            left -= len(recorder.calls)
            calls = [[key, data, request["origins"][test]] for key, data in recorder.calls]
            emit({"calls": calls})
            if left <= 0:
                return

    def do_behave(self, request: Json) -> Json:
        """Return what each candidate answers to the recorded calls; one without edits is the code as it is."""
        return {"answers": [self._behave(candidate, request) for candidate in request["candidates"]]}

    def _behave(self, candidate: Json, request: Json) -> list[str]:
        swap = self.sources.swap(candidate) if candidate else Swap()
        if not isinstance(swap, Swap):
            return []

        def work(emit: Emit) -> None:
            for text in self.behaviour.answers(request["seed"], request["count"], request["limit"], request["each"]):
                emit({"a": text})

        with swap:
            return [message["a"] for message in lines(work, lambda: request["patience"])]

    def do_confirm(self, request: Json) -> Json:
        """Return for each candidate the tests that did not pass, of all given, in a fork of its own."""
        return {"results": [self._confirm(candidate, request) for candidate in request["candidates"]]}

    def _confirm(self, candidate: Json, request: Json) -> Json:
        swap = self.sources.swap(candidate)
        if not isinstance(swap, Swap):
            return {"s": swap}
        with swap:
            if self.in_order:
                first = self._in_order(request)
                if not first or first[0]["s"] != "passed":
                    return {"s": "failed"}
            found = list(lines(lambda emit: self.all(request, emit), lambda: request["patience"]))
        return summary(found, request["tests"])

    def _in_order(self, request: Json) -> list[Json]:
        tests = request["tests"]
        return list(lines(lambda emit: emit(self._try(tests, request)), lambda: request["patience"] * len(tests)))

    def do_rehearse(self, request: Json) -> Json:
        """Find out whether the passing tests, without the failing ones, also pass in order the quick way.

        Where one does not, and shares fixtures with the failing test that no test before it used, these may need what
        the quick way leaves out: then every test runs the runner's way.
        """
        found = self._in_order(request)
        self.in_order = self.quick and bool(found) and found[0]["s"] == "passed"
        if self.quick and found and not self.in_order:
            tests, place = request["tests"], found[0].get("n", 0)
            fine = frozenset().union(*(self.suite.fixtures(test) for test in tests[:place]))
            self.quick = not (self.suite.fixtures(tests[place]) & self.fixtures) - fine
        return {"in_order": self.in_order}

    def do_anew(self, request: Json) -> Json:
        """Return for each test its outcome in a fork that imports the project's own modules again."""

        def work(emit: Emit) -> None:
            forget_project()
            collect_for(request["setup"], lambda suite: Server(suite).all(request, emit))

        return {"tests": list(lines(work, lambda: max(request["patience"], 10.0)))}

    def all(self, request: Json, emit: Emit) -> None:
        """Run all tests of a request in order, up to the first that does not pass."""
        tests = request["tests"]
        for test, following, limit in zip(tests, [*tests[1:], None], request["limits"]):
            with alarm(request["each"]):
                result = self._one(test, following, limit, Lines() if request.get("lines") else None)
            emit({"test": test, **result})
            if result["outcome"] not in ("passed", "skipped", "xfailed") and not request.get("lines"):
                return


def processor() -> float:
    """Return the seconds of the processor that this process and its children that have ended used so far."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def summary(found: list[Json], tests: list[str]) -> Json:
    """Return a candidate's result from the results of its tests: those missing count as failed."""
    outcomes = {result["test"]: result["outcome"] for result in found}
    bad = [test for test in tests if outcomes.get(test, "missing") not in ("passed", "skipped", "xfailed")]
    return {"s": "failed" if bad else "passed", "bad": bad[:20], "n": len(found), "tests": found}


def signed(found: list[Json]) -> list[tuple[str, tuple[str, str]]]:
    """Return how tests ended, without what differs from process to process."""
    return [(one["outcome"], signature({"s": "", "e": one["error"]})) for one in found if "outcome" in one]


def signature(result: Json) -> tuple[str, str]:
    """Return how a test failed as its exception's type and message, without what differs from process to process."""
    error = result.get("e") or {"type": OverBudget.__name__ if result["s"] == "over" else "", "message": ""}
    words = error["message"].split(" 0x")
    return error["type"], " ".join([words[0], *(word.lstrip("0123456789abcdef") for word in words[1:])])
