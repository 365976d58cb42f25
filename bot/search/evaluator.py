"""Candidates against a project's tests, inside the sandbox: the host's side of the worker in `bot/search/box`."""

from __future__ import annotations

import json
import posixpath
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, cast

from bot.checks.paths import variables
from bot.codebase import Codebase
from bot.errors import Declined
from bot.model import Check
from bot.ports import Job, Limits, Sandbox, Session
from bot.search.values import Behaviour, Call, Candidate, Edit, Fault, Observation, Status, Verdict
from bot.search.view import FUNCTIONS, Function, View

PACKAGE = "selfheal_search"
START = f"import os, sys; sys.path.insert(0, os.environ['SELFHEAL_BOX']); from {PACKAGE}.worker import main; main()"
FREELY = 1 << 60
LEAST_TICKS = 2_000
MANY_TICKS, MOST_TICKS = 200_000, 2_000_000  # of a test on the code as it is: at first, and to be sure
SURE_ENDLESS = 2  # tests that went on that far: then those that went on for many are taken to be endless as well
LEAST_SECONDS = 0.15  # of a test; what needs more gets it when it is tried again
MENDED_SECONDS = 0.5  # of a failing test that ended early: mended it goes on, as long as others take
MOST_TEXT = 600_000  # characters of project code that are all made to tick
CONFIRM_EFFORT = 2_000
CONFIRM_SECONDS = 5.0  # where the suite takes longer, survivors run the tests of what they change
MOST_SCREENED = 20  # failing tests that every candidate has to pass before it is confirmed
EFFORT = 10  # a candidate may take so many times what the code as it is takes, while calls are recorded
MOST_CALLS, VARIATIONS = 24, 12  # calls recorded from the tests, and variations of each
CALL_TICKS, CALL_SECONDS = 30_000, 0.5  # of one such call: what takes more tells no more than that it does
TRACING = 6.0  # how much slower a test is while its lines are collected
BAD = frozenset({"failed", "error", "hang"})


@dataclass(frozen=True)
class Tests:
    """The tests to judge by: those that fail, and those that pass and must go on passing; none = find out."""

    failing: tuple[str, ...] = ()
    passing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bounds:
    """Limits of the evaluation in seconds: to collect, of one test when observed and at the most, and in all.

    `by_processor` counts the seconds that the box uses the processor: the same search then ends at the same place on a
    busy machine.
    """

    collect: float = 60.0
    patience: float = 10.0
    longest: float = 4.0
    observe: float = 30.0
    total: float = 600.0
    by_processor: bool = False


@cache
def _package() -> Mapping[str, bytes]:
    folder = resources.files("bot.search.box")
    return {f"{PACKAGE}/{file.name}": file.read_bytes() for file in folder.iterdir() if file.name.endswith(".py")}


def arguments(check: Check) -> tuple[str, ...]:
    """Return what follows the runner's name in a test command."""
    argv = list(check.argv)
    names = ("pytest", "py.test") if check.runner != "unittest" else ("unittest",)
    places = [at for at, part in enumerate(argv) if Path(part).name in names]
    return tuple(argv[places[0] + 1 :]) if places else ()


def _around(view: View, line: int) -> list[Function]:
    return [node for _, node in view.functions if node.lineno <= line <= (node.end_lineno or 0)]


def _fault(data: dict[str, Any] | None) -> Fault | None:
    if not data:
        return None
    frames = tuple((str(file), int(line), str(name)) for file, line, name in data["frames"])
    return Fault(data["type"], data["message"], frames)


def _observation(data: dict[str, Any]) -> Observation:
    lines = {file: tuple(numbers) for file, numbers in data.get("lines", {}).items()}
    return Observation(data["test"], data["outcome"], _fault(data["error"]), lines, data["ticks"], data["seconds"])


@dataclass
class BoxEvaluate:
    """Talks to one worker; made by `evaluator`. `processor` are the processor seconds used in the box so far."""

    session: Session
    codebase: Codebase
    tests: Tests
    bounds: Bounds
    collected: tuple[str, ...]
    loaded: tuple[str, ...]
    failing: tuple[str, ...] = ()
    passing: tuple[str, ...] = ()
    ticks: dict[str, int] = field(default_factory=dict)
    cost: dict[str, float] = field(default_factory=dict)
    covers: dict[str, Mapping[str, tuple[int, ...]]] = field(default_factory=dict)
    endless: set[str] = field(default_factory=set)
    each: float = 1.0
    shown: float = 1.0
    learnt: set[str] = field(default_factory=set)
    began: float = field(default_factory=time.monotonic)
    processor: float = 0.0

    def seconds(self) -> float:
        """Return the seconds since the evaluation began, those of the processor where the bounds say so."""
        return self.processor if self.bounds.by_processor else time.monotonic() - self.began

    def observe(self) -> tuple[Observation, ...]:
        """Return the failing tests, cheapest first, and then those that pass; raises `Declined` when none fails here.

        Without any test given, all are run to find out. What each test costs in ticks is measured before its lines
        are, so that one which never ends is told by its ticks and not by the clock.
        """
        given = {*self.tests.failing, *self.tests.passing}
        wanted = [test for test in self.collected if test in given or not given]
        wrong = [test for test in wanted if test in self.tests.failing]
        self._learn_first(wrong or wanted)
        plain = self._failing_first(wanted, wrong) if wrong else self._plainly(wanted)
        failed = [one for one in plain if one.outcome in BAD and (one.test in self.tests.failing or not given)]
        passed = [one for one in plain if one.outcome == "passed"]
        if not failed:
            raise Declined(
                "the failing tests do not fail in the sandbox", hint="Look for state outside the repository."
            )
        self._calibrate(failed, passed)
        known = self.codebase.spectrum.coverage if self.codebase.spectrum else {}
        watched = [test for test in self._watched(plain) if test in self.failing or test not in known]
        seen = self._run(watched, self.limits(1), lines=True)
        lines = {one.test: known[one.test] for one in passed if one.test in known}
        lines |= {one.test: one.lines for one in seen}
        self.cost = {one.test: one.seconds for one in plain}
        self.covers = lines
        order = {test: place for place, test in enumerate(self.failing)}
        failed.sort(key=lambda one: order[one.test])
        return tuple(replace(one, lines=lines.get(one.test, {})) for one in (*failed, *passed))

    def _failing_first(self, wanted: Sequence[str], wrong: Sequence[str]) -> list[Observation]:
        """Return how tests end, the failing ones run first: the time may not last for all of a large suite.

        Where one of them does not fail without those before it, all run in their order.
        """
        first = {one.test: one for one in self._plainly(wrong)}
        if len(first) < len(wrong) or any(one.outcome not in BAD for one in first.values()):
            return self._plainly(wanted)
        others = [test for test in wanted if test not in first]
        limits = dict.fromkeys(others, MOST_TICKS)
        later = {one.test: one for one in self._run(others, limits, lines=False)} if others else {}
        every = {**first, **later}
        return [every[test] for test in wanted if test in every]

    def _plainly(self, wanted: Sequence[str]) -> list[Observation]:
        """Return how tests end; those that go on for many ticks get the most there are, until some prove endless."""
        found = {one.test: one for one in self._run(wanted, dict.fromkeys(wanted, MANY_TICKS), lines=False)}
        longer = [test for test, one in found.items() if one.outcome == "hang" and one.ticks > MANY_TICKS]
        for at in range(0, len(longer), SURE_ENDLESS):
            some = longer[at : at + SURE_ENDLESS]
            again = self._run(some, dict.fromkeys(some, MOST_TICKS), lines=False)
            found |= {one.test: one for one in again}
            if all(one.outcome == "hang" for one in again):
                break
        return list(found.values())

    def _worth(self, candidates: Sequence[Candidate]) -> list[str]:
        """Return the tests to confirm by: all, or where they take long, those that run the changed functions."""
        if sum(self.cost.values()) <= CONFIRM_SECONDS:
            return [test for test in self.collected if test in self.ticks]
        spans = {(edit.file, span) for one in candidates for edit in one.edits for span in self._outer(edit)}
        kept, left = set(self.failing), CONFIRM_SECONDS
        for test in sorted(self.passing, key=lambda test: self.cost.get(test, 0.0)):
            touched = any(
                first <= line <= last
                for file, (first, last) in spans
                for line in self.covers.get(test, {}).get(file, ())
            )
            if touched and left > 0:
                kept.add(test)
                left -= self.cost.get(test, 0.0)
        return [test for test in self.collected if test in kept]

    def _learn_first(self, failing: Sequence[str]) -> None:
        """Let the project's loaded files tick; where they are many, only those that the failing tests run."""
        loaded = {file for file in self.loaded if self._ours(file)}
        if sum(len(self.codebase.text(file)) for file in loaded) > MOST_TEXT:
            seen = self._run(failing, {}, lines=True)
            loaded = {file for one in seen for file in one.lines if self._ours(file)}
        self._learn(loaded)

    def _calibrate(self, failed: Sequence[Observation], passed: Sequence[Observation]) -> None:
        """Put the cheapest failing test first and bound each test's ticks by what it takes as things are."""
        ended = [one for one in (*failed, *passed) if one.outcome != "hang"]
        usual = max((one.ticks for one in ended), default=0)
        self.ticks = {one.test: one.ticks if one.outcome != "hang" else usual for one in (*failed, *passed)}
        self.endless = {one.test for one in failed if one.outcome == "hang"}
        longest = max((one.seconds for one in ended), default=0.0)
        wrong = [one.seconds for one in failed if one in ended]
        middle = sorted(one.seconds for one in passed)[len(passed) // 2] if passed else 0.0
        self.each = self._bounded(10 * longest)
        self.shown = min(self.each, max(MENDED_SECONDS, 10 * max([*wrong, middle]))) if wrong else self.each
        order = sorted(failed, key=lambda one: (one.outcome == "hang", not one.fault, one.ticks))
        self.failing = tuple(one.test for one in order)
        self.passing = tuple(one.test for one in passed)
        first = order[0]
        limits = {"limits": [self.limits(1)[first.test]], **self._seconds(1)}
        self._ask(60, op="calibrate", tests=[first.test], type=first.fault.type if first.fault else "", **limits)
        passing = [test for test in self.collected if test in self.passing]
        bounds = [self.limits(1)[test] for test in passing]
        self._ask(600, op="rehearse", tests=passing, limits=bounds, **self._seconds(1))

    def _watched(self, plain: Sequence[Observation]) -> list[str]:
        """Return the tests whose lines are worth the time: all that fail, and others while the time lasts."""
        left = self.bounds.observe / TRACING
        others = sum(one.seconds for one in plain if one.test not in self.failing)
        share = min(1.0, left / others) if others else 1.0
        near = {test.partition("::")[0] for test in self.failing}
        kept = []
        for one in plain:
            if one.test in self.failing or share == 1.0 or (one.test.partition("::")[0] in near and left > 0):
                kept.append(one.test)
                left -= one.seconds
        return kept

    def limits(self, effort: int) -> dict[str, int]:
        """Return the bound of each test's ticks: what it takes as things are with room, more where that is unknown."""
        least = {test: 10 * LEAST_TICKS if test in self.endless else LEAST_TICKS for test in self.failing[1:]}
        return {test: effort * max(least.get(test, LEAST_TICKS), 10 * used) for test, used in self.ticks.items()}

    def screen(self, candidates: Sequence[Candidate], effort: int = 1) -> tuple[Verdict, ...]:
        """Return how each candidate does on the failing tests, cheapest first, within `effort` times the usual."""
        return self._try("screen", candidates, self.failing[:MOST_SCREENED], effort)

    def confirm(self, candidates: Sequence[Candidate]) -> tuple[Verdict, ...]:
        """Return how each candidate does on all tests worth it, in their order, in a process of its own."""
        return self._try("confirm", candidates, self._worth(candidates), CONFIRM_EFFORT)

    def behave(self, candidates: Sequence[Candidate], seed: int) -> Behaviour:
        """Return what the code as it is and each candidate answer to calls seen in the tests and variations of them."""
        places = sorted(
            {(edit.file, span[0]) for one in candidates for edit in one.edits for span in self._outer(edit)}
        )
        tests = [*self.failing, *self.passing]
        limits, seconds = self.limits(EFFORT), self._seconds(EFFORT)
        known = self._ask(
            600,
            op="record",
            functions=places,
            candidate=_wire(candidates[0]),
            tests=tests,
            limits=[limits[test] for test in tests],
            seed=seed,
            count=VARIATIONS,
            most=MOST_CALLS,
            each_test=max(4, MOST_CALLS // len(tests)),
            origins={test: "failing" if test in self.failing else "passing" for test in tests},
            **seconds,
        )
        shown, count = known["inputs"], known["count"]
        limit, seconds = min(max(self.limits(1).values()), CALL_TICKS), self._seconds(1)
        seconds["each"] = min(seconds["each"], CALL_SECONDS)
        wired = [{}, *(_wire(candidate) for candidate in candidates)]
        asked = {"seed": seed, "count": count, "limit": limit, **seconds}
        answers = self._ask(600, op="behave", candidates=wired, **asked)["answers"]
        calls = tuple(Call(text, origin == "passing") for text, origin in (shown[0]["i"] if shown else ()))
        return Behaviour(calls, tuple(answers[0]), tuple(map(tuple, answers[1:])), known["seen"])

    def _outer(self, edit: Edit) -> list[tuple[int, int]]:
        """Return the first line, decorators included, and the last of the outermost function that an edit lies in."""
        if not edit.file.endswith(".py") or edit.file not in self.codebase.files:
            return []
        view = View(edit.file, self.codebase.text(edit.file))
        line = view.text.count("\n", 0, edit.start) + 1
        around = _around(view, line)
        if not around and edit.start == edit.end and view.text[edit.start - 1 : edit.start] == "\n":
            around = _around(view, line - 1)  # lines put at the end of a function
        tops = [node for node in around if not any(isinstance(up, FUNCTIONS) for up in view.above(node))]
        return [(min([one.lineno for one in (node, *node.decorator_list)]), node.end_lineno or 0) for node in tops]

    def _bounded(self, seconds: float) -> float:
        return max(LEAST_SECONDS, min(self.bounds.patience, seconds))

    def _seconds(self, effort: int, op: str = "") -> dict[str, float]:
        """Return the bounds of one test: as long as any takes, or where failing ones run, as long as these do."""
        usual = self.shown if op == "screen" else self.each
        each = min(usual * effort, max(usual, self.bounds.longest))
        return {"each": each, "patience": 4 * each + 2}

    def _try(self, op: str, candidates: Sequence[Candidate], tests: Sequence[str], effort: int) -> tuple[Verdict, ...]:
        self._learn({file for candidate in candidates for file in candidate.files})
        limits, seconds = self.limits(effort), self._seconds(effort, op)
        answer = self._ask(
            60 + len(candidates) * seconds["patience"] * max(1, len(tests)),
            op=op,
            candidates=[_wire(candidate) for candidate in candidates],
            tests=list(tests),
            limits=[limits[test] for test in tests],
            **seconds,
        )
        return tuple(_verdict(one) for one in answer["results"])

    def _ours(self, file: str) -> bool:
        return file in self.codebase.python_files and not self.codebase.is_test(file)

    def _learn(self, files: set[str]) -> None:
        new = sorted(files - self.learnt)
        if new:
            self.learnt.update(new)
            self._ask(60, op="learn", texts={file: self.codebase.files.get(file, "") for file in new})

    def _run(self, tests: Sequence[str], limits: Mapping[str, int], *, lines: bool) -> list[Observation]:
        """Return the observations of tests in order; one that was cut short is a hang."""
        seconds = {"each": self.bounds.patience, "patience": 4 * self.bounds.patience + 2}
        bounds = [limits.get(test, FREELY) for test in tests]
        wrong = sum(test in self.tests.failing for test in tests)
        total = self.bounds.observe + wrong * seconds["patience"]
        answer = self._ask(
            total + 60, op="observe", tests=list(tests), limits=bounds, lines=lines, seconds=total, **seconds
        )
        found = [_observation(one) for one in answer["tests"] if "test" in one]
        if answer["tests"] and "starts" in answer["tests"][-1]:
            found.append(Observation(answer["tests"][-1]["starts"], "hang"))
        return found

    def _ask(self, timeout: float, **request: Any) -> dict[str, Any]:
        self.session.send(json.dumps(request).encode("utf-8", "surrogatepass"))
        line = self.session.receive(timeout)
        answer = json.loads(line) if line else {"gone": True}
        if answer.get("gone"):
            raise Declined("the process that tries candidates ended early")
        self.processor = float(answer["processor"])
        return cast(dict[str, Any], answer)


def _wire(candidate: Candidate) -> dict[str, list[tuple[int, int, str]]]:
    out: dict[str, list[tuple[int, int, str]]] = {}
    for edit in candidate.edits:
        out.setdefault(edit.file, []).append((edit.start, edit.end, edit.text))
    return out


def _verdict(data: dict[str, Any]) -> Verdict:
    took = {"slow": data.get("slow", False), "ticks": data.get("ticks", 0)}
    return Verdict(cast(Status, data["s"]), data.get("n", 0), _fault(data.get("e")), **took)


@contextmanager
def evaluator(
    sandbox: Sandbox, codebase: Codebase, check: Check, tests: Tests, bounds: Bounds = Bounds()
) -> Iterator[BoxEvaluate]:
    """Give an Evaluate for the tests of `check` on the prepared tree; raises `Declined` when it can't collect them."""
    info, every = codebase.info, (*tests.failing, *tests.passing)
    files = sorted({test.partition("::")[0] for test in every}) if check.runner != "unittest" else []
    job = Job(
        argv=("python", "-c", START),
        tree=Path(info.tree),
        environment=Path(info.environment) if info.environment else None,
        cwd=check.cwd,
        env={
            **variables(check, codebase.import_roots),
            "SELFHEAL_SEARCH_ROOT": posixpath.relpath(".", check.cwd),
            "PYTHONHASHSEED": "0",
        },
        files=_package(),
        limits=Limits(seconds=bounds.total, memory_mb=4096),
    )
    setup = {"runner": check.runner or "pytest", "args": arguments(check), "files": files, "patience": bounds.collect}
    with sandbox.session(job) as session:
        session.send(json.dumps(setup).encode())
        line = session.receive(bounds.collect + 5)
        ready = json.loads(line) if line else {}
        if not ready.get("ready"):
            raise Declined(f"the tests of {check.name} could not be collected in the sandbox")
        yield BoxEvaluate(session, codebase, tests, bounds, tuple(ready["tests"]), tuple(ready["loaded"]))
