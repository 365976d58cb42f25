"""Runs a library's own tests on it, untouched or with a fault, and keeps what was seen for the next time."""

from __future__ import annotations

import ast
import difflib
import hashlib
import pickle
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TypeVar

from bench.injector.inject import inject
from bench.injector.libraries import Library
from bench.injector.traffic import SECONDS, traffic
from bench.injector.values import Fault, functions
from bot.adapters.environments import UvEnvironments
from bot.adapters.sandbox import pick
from bot.causes.experiments import with_cures
from bot.checks import TestRun, discover, run_tests
from bot.codebase import Codebase, of
from bot.codebase.distributions import Distributions
from bot.codebase.spectrum import FAILED, Spectrum
from bot.errors import BotError
from bot.model import Anomaly, Check, Cure, TelemetryMetrics
from bot.ports import Limits

NEEDS = (
    *("pytest", "pytest-mock", "pytest-cov", "pytest-benchmark", "freezegun", "python-dateutil", "pytz", "tzlocal"),
    *("tzdata", "packaging", "setuptools<80", "typing-extensions"),
)
"""What the tests of the libraries import, and no plugin that is slow to load."""


@dataclass(frozen=True)
class Observed:
    """One run of all tests with coverage by test; `fresh` are the failures that the untouched library has not."""

    run: TestRun
    fresh: tuple[str, ...]


def environment(library: Library, folder: Path, needs: tuple[str, ...] = ()) -> Path:
    """Return the environment of a library, made by the bot itself in `folder` unless it is there.

    It holds what the library declares with the extras of its tests, what its checks need (`needs`), what its tests
    import undeclared where that can be had, and what tests of libraries use. Raises `RuntimeError` with the reason when
    it can't be had.
    """
    cache = folder / "environments" / library.name
    cache.mkdir(parents=True, exist_ok=True)
    for more in (imported(library), ()):
        try:
            return UvEnvironments(cache).prepare(library.tree, (*needs, *NEEDS, *more), fresh=True).folder
        except BotError as error:
            reason = error
    raise RuntimeError(f"{library.name}: no environment: {reason}") from reason


def imported(library: Library) -> tuple[str, ...]:
    """Return the distributions of what test files import of others, for certain and not only where it is there."""
    codebase = of(dict(library.files))
    own = {part for name in codebase.modules for part in name.split(".")}
    tests = (codebase.tree(path) for path in codebase.python_files if codebase.is_test(path))
    names = {name for tree in tests if tree for node in tree.body for name in _tops(node)}
    return tuple(sorted(Distributions().of(name) for name in names - own - sys.stdlib_module_names))


def _tops(node: ast.stmt) -> tuple[str, ...]:
    if isinstance(node, ast.Import):
        return tuple(one.name.partition(".")[0] for one in node.names)
    return (
        (node.module.partition(".")[0],) if isinstance(node, ast.ImportFrom) and node.module and not node.level else ()
    )


def check_of(library: Library) -> Check:
    """Return the library's test command as the bot discovers it; raises `RuntimeError` when it finds none."""
    for check in discover(library.files):
        if check.kind == "test":
            return check
    raise RuntimeError(f"{library.name}: no test command found")


Kept = TypeVar("Kept")


def _key(edits: Mapping[str, str]) -> str:
    return hashlib.sha256(repr(sorted(edits.items())).encode()).hexdigest()[:24]


class Paused(Exception):
    """The time for this piece is up; all that was seen is kept."""


class Laboratory:
    """Runs tests in the sandbox and remembers each run in a folder by the content of the fault.

    Raises `Paused` in place of a new run after the time `until` (of `time.monotonic`).
    """

    def __init__(self, folder: Path, *, until: float = float("inf")) -> None:
        self._folder, self._until = folder, until
        self._box = pick(trust=True)
        self._made: dict[str, Path] = {}

    def environment(self, library: Library) -> Path:
        """Return the library's own environment; raises `RuntimeError` when it can't be had."""
        if library.name not in self._made:
            self._made[library.name] = environment(library, self._folder, check_of(library).needs)
        return self._made[library.name]

    def traffic(self, library: Library, edits: Mapping[str, str], run: int) -> TelemetryMetrics:
        """Return the metrics of all calls that the tests make in the `run`th hour."""
        told = check_of(library).argv[3:]
        arguments = tuple(
            one for one in told if (library.tree / one.partition("::")[0]).exists()
        )  # not the runner's own
        key = f"traffic-{run}-{_key(edits)}"

        def see() -> TelemetryMetrics:
            python = self.environment(library) / "bin" / "python"
            return traffic(library, edits, run, (str(python), *arguments))

        return self._kept(library, key, see)

    def _kept(self, library: Library, key: str, see: Callable[[], Kept]) -> Kept:
        kept = self._folder / "seen" / library.name / f"{key}.pickle"
        if kept.is_file():
            found: Kept = pickle.loads(kept.read_bytes())
            return found
        if time.monotonic() > self._until:
            raise Paused(library.name)
        seen = see()
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(pickle.dumps(seen))
        return seen

    def cured(self, library: Library, fault: Fault, codebase: Codebase, found: tuple[Anomaly, ...]) -> Codebase:
        """Return the codebase with the places where edits cure the failing tests, tried out as the diagnosis does."""

        def see() -> tuple[Cure, ...]:
            with tempfile.TemporaryDirectory(dir=self._folder) as scratch:
                spectrum = codebase.spectrum or Spectrum()
                spectrum.save(Path(scratch) / "spectrum.json")
                known = {
                    "tree": str(library.copy(Path(scratch) / "tree", fault.edits)),
                    "environment": str(self.environment(library)),
                    "checks": (check_of(library),),
                    "spectrum": str(Path(scratch) / "spectrum.json"),
                    "outcomes": dict(spectrum.outcomes),
                }
                return with_cures(codebase.info.model_copy(update=known), found, self._box).cures

        codebase.info = codebase.info.model_copy(
            update={"cures": self._kept(library, f"cures-{_key(fault.edits)}", see)}
        )
        return codebase

    def untouched(self, library: Library) -> TestRun:
        """Return the run of the library as it is; raises `RuntimeError` when fewer than ten tests pass."""
        run = self._run(library, None)
        if sum(outcome == "passed" for outcome in run.outcomes.values()) < 10:
            raise RuntimeError(f"{library.name}: its tests do not run here\n{run.output.decode()[-600:]}")
        return run

    def log(self, library: Library) -> TestRun:
        """Return the run of the library as it is without coverage, which takes memory and time: some tests fail so."""
        return self._kept(library, "plain", lambda: self._tests(library, {}, (), coverage=False))

    def observe(self, library: Library, fault: Fault) -> Observed:
        """Return the run with a fault; tests that never enter the faulty function are taken from the untouched run."""
        base = self.untouched(library)
        entered = entering(library, base, fault) if fault.function else ()
        run = self._run(library, fault, entered)
        if entered:
            run = reached(run, fault) if fault.file in fault.edits else run
            run = joined(
                base, run, moved(library.files.get(fault.file, ""), fault.edits.get(fault.file, "")), fault.file
            )
        bad = (test for test, outcome in run.outcomes.items() if outcome in FAILED)
        return Observed(run, tuple(sorted(test for test in bad if base.outcomes.get(test) not in FAILED)))

    def _run(self, library: Library, fault: Fault | None, ids: tuple[str, ...] = ()) -> TestRun:
        edits = fault.edits if fault else {}
        return self._kept(library, _key(edits), lambda: self._tests(library, edits, ids))

    def _tests(
        self, library: Library, edits: Mapping[str, str], ids: tuple[str, ...], *, coverage: bool = True
    ) -> TestRun:
        with tempfile.TemporaryDirectory(dir=self._folder) as scratch:
            tree = library.copy(Path(scratch) / "tree", edits)
            check, limits = check_of(library), Limits(seconds=SECONDS)
            place = (self._box, tree, self.environment(library), check)
            return run_tests(*place, coverage=coverage, ids=ids, limits=limits)

    def shown(self, library: Library, kinds: Iterable[str], number: int, seed: int) -> Iterator[tuple[Fault, Observed]]:
        """Yield the first `number` faults that fail a test of the untouched library; suites cut short do not count."""
        found, base = 0, self.untouched(library)
        drawn = islice(inject(library.files, kinds, seed=seed), 12 * number)
        for fault in (one for one in drawn if not one.function or entering(library, base, one)):
            seen = self.observe(library, fault)
            if seen.fresh and seen.run.complete and found < number:
                found += 1
                yield fault, seen
            if found == number:
                return


def entering(library: Library, base: TestRun, fault: Fault) -> tuple[str, ...]:
    """Return the tests that run any line of the function that holds a fault, by the run of the untouched library."""
    text = library.files.get(fault.file, "")
    at = next((one for name, one, _ in functions(ast.parse(text)) if name == fault.function), None)
    inside = {part.lineno for part in ast.walk(at) if isinstance(part, ast.stmt)} - {at.lineno} if at else set()
    return tuple(sorted(test for test, files in base.coverage.items() if inside & set(files.get(fault.file, ()))))


def reached(run: TestRun, fault: Fault) -> TestRun:
    """Return a run without the failures that never entered the faulty function: they missed a test that did not run."""
    at = next((one for name, one, _ in functions(ast.parse(fault.edits[fault.file])) if name == fault.function), None)
    inside = set(range(at.lineno + 1, (at.end_lineno or at.lineno) + 1)) if at else set()
    apart = {
        test
        for test, outcome in run.outcomes.items()
        if outcome in FAILED and not inside & set(run.coverage.get(test, {}).get(fault.file, ()))
    }
    outcomes = {test: outcome for test, outcome in run.outcomes.items() if test not in apart}
    return replace(
        run, outcomes=outcomes, coverage={test: run.coverage[test] for test in run.coverage if test not in apart}
    )


def moved(before: str, after: str) -> dict[int, int]:
    """Return the lines of `before` that are in `after` as well, by the line that each has there."""
    matcher = difflib.SequenceMatcher(None, before.split("\n"), after.split("\n"), autojunk=False)
    return {a + n + 1: b + n + 1 for a, b, size in matcher.get_matching_blocks() for n in range(size)}


def joined(base: TestRun, run: TestRun, lines: dict[int, int], file: str) -> TestRun:
    """Return a run of some tests filled up with the others of the untouched run; `lines` have moved in `file`."""
    rest = {test: outcome for test, outcome in base.outcomes.items() if test not in run.outcomes}
    covered = {
        test: {path: tuple(lines[n] for n in of if n in lines) if path == file else of for path, of in files.items()}
        for test, files in base.coverage.items()
        if test in rest
    }
    return replace(run, outcomes={**rest, **run.outcomes}, coverage={**covered, **run.coverage})
