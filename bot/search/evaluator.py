"""Candidates against a project's tests, inside the sandbox: the host's side of the worker in `bot/search/box`."""

from __future__ import annotations

import json
import posixpath
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, cast

from bot.checks.paths import variables
from bot.codebase import Codebase
from bot.errors import Declined
from bot.model import Check
from bot.ports import Job, Limits, Sandbox, Session
from bot.search.values import Candidate, Fault, Observation, Sources, Status, Verdict

PACKAGE = "selfheal_search"
START = f"import os, sys; sys.path.insert(0, os.environ['SELFHEAL_BOX']); from {PACKAGE}.worker import main; main()"
FREELY = 1 << 60
LEAST_TICKS = 2_000


@dataclass(frozen=True)
class Bounds:
    """Limits of the evaluation in seconds: to collect, of one quiet test, and to observe the suite."""

    collect: float = 60.0
    patience: float = 10.0
    observe: float = 30.0
    total: float = 600.0


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
    """Talks to one worker; made by `evaluator`."""

    session: Session
    codebase: Sources
    failing: tuple[str, ...]
    passing: tuple[str, ...]
    bounds: Bounds = Bounds()
    known: str = ""
    limit: int = LEAST_TICKS
    patience: float = 1.0
    sent: set[str] = field(default_factory=set)
    collected: tuple[str, ...] = ()
    began: float = field(default_factory=time.monotonic)

    def seconds(self) -> float:
        """Return the seconds since the evaluation began."""
        return time.monotonic() - self.began

    def observe(self) -> tuple[Observation, ...]:
        """Return the failing tests and what passes beside them; raises `Declined` when none fails here."""
        alone = self._run([test for test in self.collected if test in self.failing])
        self._send({file for one in alone for file in one.lines if self._ours(file)})
        ended = {one.test for one in alone if one.outcome != "hang"}
        again = self._run([test for test in self.collected if test in ended or test in self.passing])
        failed = [one for one in alone if one.outcome == "hang"]
        failed += [one for one in again if one.test in self.failing and one.outcome in ("failed", "error")]
        passed = [one for one in again if one.test in self.passing and one.outcome == "passed"]
        if not failed:
            raise Declined(
                "the failing tests do not fail in the sandbox", hint="Look for state outside the repository."
            )
        failed.sort(key=lambda one: (one.outcome == "hang", one.ticks))
        self._calibrate(failed, again)
        return (*failed, *passed)

    def _calibrate(self, failed: Sequence[Observation], ended: Sequence[Observation]) -> None:
        self.failing = tuple(one.test for one in failed)
        self.passing = tuple(one.test for one in ended if one.outcome == "passed")
        self.limit = max(LEAST_TICKS, 10 * max((one.ticks for one in ended), default=0))
        self.patience = max(1.0, min(self.bounds.patience, 20 * max((one.seconds for one in ended), default=0.1)))
        first = next((one for one in failed if one.fault), failed[0])
        self.failing = (first.test, *(test for test in self.failing if test != first.test))
        self.known = first.fault.type if first.fault else ""
        types = [self.known] if self.known else []
        self._ask(60, op="calibrate", tests=[first.test] * len(types), types=types, **self._limits())

    def screen(self, candidates: Sequence[Candidate]) -> tuple[Verdict, ...]:
        """Return how each candidate does on the failing tests, cheapest test first."""
        return self._try("screen", candidates, self.failing)

    def confirm(self, candidates: Sequence[Candidate]) -> tuple[Verdict, ...]:
        """Return how each candidate does on all tests, in their order, in a process of its own."""
        wanted = {*self.failing, *self.passing}
        return self._try("confirm", candidates, [test for test in self.collected if test in wanted])

    def _limits(self) -> dict[str, Any]:
        return {"limit": self.limit, "patience": self.patience}

    def _try(self, op: str, candidates: Sequence[Candidate], tests: Sequence[str]) -> tuple[Verdict, ...]:
        self._send({file for candidate in candidates for file in candidate.files})
        answer = self._ask(
            60 + len(candidates) * max(self.patience, 10.0),
            op=op,
            candidates=[_wire(candidate) for candidate in candidates],
            tests=list(tests),
            known=self.known,
            **self._limits(),
        )
        return tuple(_verdict(one) for one in answer["results"])

    def _ours(self, file: str) -> bool:
        return file in self.codebase.python_files and not self.codebase.is_test(file)

    def _send(self, files: set[str]) -> None:
        new = sorted(files - self.sent)
        if new:
            self.sent.update(new)
            self._ask(60, op="learn", texts={file: self.codebase.text(file) for file in new})

    def _run(self, tests: Sequence[str]) -> list[Observation]:
        """Return the observations of tests in order; the one that was cut short is a hang."""
        seconds = self.bounds.observe
        limits = {"each": self.bounds.patience, "patience": self.bounds.patience + 2, "limit": FREELY}
        answer = self._ask(seconds + 60, op="observe", tests=list(tests), seconds=seconds, **limits)["tests"]
        ended = [_observation(one) for one in answer if "test" in one]
        if answer and "starts" in answer[-1]:
            ended.append(Observation(answer[-1]["starts"], "hang"))
        return ended

    def _ask(self, timeout: float, **request: Any) -> dict[str, Any]:
        self.session.send(json.dumps(request).encode("utf-8", "surrogatepass"))
        line = self.session.receive(timeout)
        answer = json.loads(line) if line else {"gone": True}
        if answer.get("gone"):
            raise Declined("the process that tries candidates ended early")
        return cast(dict[str, Any], answer)


def _wire(candidate: Candidate) -> dict[str, list[tuple[int, int, str]]]:
    out: dict[str, list[tuple[int, int, str]]] = {}
    for edit in candidate.edits:
        out.setdefault(edit.file, []).append((edit.start, edit.end, edit.text))
    return out


def _verdict(data: dict[str, Any]) -> Verdict:
    return Verdict(cast(Status, data["s"]), data.get("n", 0), _fault(data.get("e")))


@dataclass(frozen=True)
class Tests:
    """The tests to judge by: those that fail, and those that pass and must go on passing."""

    failing: tuple[str, ...]
    passing: tuple[str, ...] = ()


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
        yield BoxEvaluate(session, codebase, tests.failing, tests.passing, bounds, collected=tuple(ready["tests"]))
