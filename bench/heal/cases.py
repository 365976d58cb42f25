"""Makes cases: a green commit, a commit with a change of its own and a fault, and the telemetry that shows it."""

from __future__ import annotations

import json
import pickle
import random
import shutil
import statistics
import subprocess
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import TypeVar

from bench.heal.suite import Outcome, run
from bench.injector import KINDS, Fault, Library, inject
from bot.checks import discover
from bot.codebase import is_test_path, of

Kept = TypeVar("Kept")
GIT = ("git", "-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "commit.gpgsign=false")
TRIES = 8  # faults of one kind looked at until one shows
SLOWER, SAMPLES, RUNS = 2.0, 10, 20
LONGEST, SLOWEST = 10.0, 5.0  # seconds, and times the library's own, until a run of tests counts as hanging
LEAST = 0.02  # milliseconds: less is lost in the noise
BY_TELEMETRY = frozenset({"performance", "behavioral", "coverage"})
NEW = '''

def counted_pairs(first: str, second: list[int]) -> list[tuple[str, int]]:
    """Return the pairs of two sequences."""
    return list(zip(first, second))
'''
NEW_TEST = '''\
"""Pairs are counted."""

from {module} import counted_pairs


def test_counted_pairs():
    """The shorter sequence counts."""
    assert counted_pairs("ab", [1, 2, 3]) == [("a", 1), ("b", 2)]
'''
NEW_UNITTEST = '''\
"""Pairs are counted."""

import unittest

from {module} import counted_pairs


class CountedPairsTest(unittest.TestCase):
    """Pairs of two sequences."""

    def test_counted_pairs(self):
        """The shorter sequence counts."""
        self.assertEqual(counted_pairs("ab", [1, 2]), [("a", 1), ("b", 2)])
'''


@dataclass(frozen=True)
class Case:
    """One commit to heal: `fault` is None when there is nothing to heal; `base` and `bad` are trees beside it."""

    name: str
    library: Library
    fault: Fault | None
    checkout: Path
    base: Path
    options: tuple[str, ...] = ()
    before: Path | None = None
    now: Path | None = None
    new_test: str = ""
    failing: frozenset[str] = field(default=frozenset())


class Workshop:
    """Makes the cases of one library in a folder, with one environment for all."""

    def __init__(self, library: Library, made: Path, folder: Path, seed: int) -> None:
        self.library, self.made, self.folder, self.seed = library, made, folder, seed
        self.base = folder / f"{library.name}-base"
        self.past = folder / f"{library.name}-base.jsonl"
        self.known = self._kept("base", self._known)
        self.times, self.orders = times_of(self.past), orders_of(self.past)
        if len(self.known.passed) < 10:
            raise RuntimeError(f"{library.name}: its tests do not run here\n{self.known.output}")

    def _known(self) -> Outcome:
        self._copy("base", {})
        return run(self.base, self.made, watch=self.past)

    def _kept(self, name: str, make: Callable[[], Kept]) -> Kept:
        """Return what was made under a name before, with the same seed, so that a run can be taken up again."""
        path = self.folder / f"{self.library.name}-{name}-{self.seed}.kept"
        if not path.is_file():
            found = make()
            path.write_bytes(pickle.dumps(found))
            return found
        return pickle.loads(path.read_bytes())  # type: ignore[no-any-return]

    def _copy(self, name: str, edits: Mapping[str, str]) -> Path:
        target = self.folder / f"{self.library.name}-{name}"
        shutil.rmtree(target, ignore_errors=True)
        return self.library.copy(target, edits)

    def faulty(self, kind: str) -> Case | None:
        """Return a case of one kind whose fault shows, in a checkout of its own, or None."""
        return self._kept(kind, lambda: next(self._faulty(kind), None))

    def _faulty(self, kind: str) -> Iterator[Case]:
        could = (fault for fault in inject(self.library.files, (kind,), seed=self.seed) if self._seen(fault))
        for number, fault in enumerate(islice(could, TRIES)):
            found = self._case(f"{kind}-{number}", fault)
            if found is not None:
                yield found

    def _seen(self, fault: Fault) -> bool:
        """Return whether telemetry of the library as it was could show a fault of this type there."""
        name = self._handler(fault)
        if fault.type == "performance":
            return len(self.times.get(name, ())) >= SAMPLES
        if fault.type == "behavioral":
            old = self.orders.get(name, Counter())
            return old.total() >= RUNS and not any(count == 1 for count in old.values())
        return fault.type != "coverage" or name in self.times

    def _handler(self, fault: Fault) -> str:
        return f"{of(dict(self.library.files)).module_name(fault.file)}.{fault.function}"

    def healthy(self, number: int) -> Case:
        """Return a case without a fault: the new function alone, and telemetry of another run."""
        return self._kept(f"none-{number}", lambda: self._healthy(number))

    def _healthy(self, number: int) -> Case:
        chance = random.Random(f"{self.library.name}:{self.seed}:{number}")
        path = chance.choice([path for path in self.library.sources if self._in_use(self._module(path))])
        found = self._case(f"none-{number}", None, path)
        assert found is not None
        assert found.now is not None
        return found if chance.random() < 0.5 else replace(found, options=found.options[:2])

    def _module(self, path: str) -> str:
        module = of(dict(self.library.files)).module_name(path)
        parts = module.split(".") if module else []
        plain = all(part.isidentifier() and not part.startswith("_") for part in parts)
        return module if parts and plain and path not in ("setup.py",) and "docs" not in parts else ""

    def _in_use(self, module: str) -> bool:
        """Return whether the suite runs functions of a module: what it never imports may need what is not there."""
        return bool(module) and any(name.startswith(f"{module}.") for name in self.times)

    def _change(self, path: str, edits: Mapping[str, str]) -> tuple[dict[str, str], str]:
        """Return the edits with a new function in a file of the library, and the test of it."""
        module, files = self._module(path), self.library.files
        if not module:
            return dict(edits), ""
        tests = [PurePosixPath(one).parent for one in files if one.endswith(".py") and is_test_path(one)]
        folder = Counter(map(str, tests)).most_common(1)[0][0]
        test = str(PurePosixPath(folder) / "test_counted_pairs.py")
        text = edits.get(path, files[path])
        runner = next((check.runner for check in discover(files) if check.runner), "pytest")
        new_test = NEW_UNITTEST if runner == "unittest" else NEW_TEST
        return {**edits, path: text.rstrip("\n") + "\n" + NEW, test: new_test.format(module=module)}, test

    def _case(self, name: str, fault: Fault | None, path: str = "") -> Case | None:
        edits, test = self._change(fault.file if fault else path, fault.edits if fault else {})
        checkout = self._copy(name, {})
        for place, text in edits.items():
            (checkout / place).write_text(text, encoding="utf-8", newline="")
        for command in (("add", "-A"), ("commit", "-q", "-m", "Count pairs")):
            subprocess.run([*GIT, *command], cwd=checkout, check=True, capture_output=True)
        scratch = self.folder / f"{self.library.name}-{name}-run"
        shutil.rmtree(scratch, ignore_errors=True)
        shutil.copytree(checkout, scratch, symlinks=True)
        now = self.folder / f"{self.library.name}-{name}.jsonl"
        told = fault is None or fault.type in BY_TELEMETRY
        untested = fault is None or fault.type != "coverage" or self._unrun(fault, scratch, now)
        done = self._run(scratch, now if told else None) if untested else Outcome({}, False)
        shutil.rmtree(scratch, ignore_errors=True)
        options = self._shown(fault, done, now)
        if options is None:
            shutil.rmtree(checkout, ignore_errors=True)
            return None
        fresh = frozenset(done.failed - self.known.failed)
        title = f"{self.library.name} {name}"
        return Case(title, self.library, fault, checkout, self.base, options, self.past, now, test, fresh)

    def _run(self, tree: Path, watch: Path | None) -> Outcome:
        return run(tree, self.made, watch=watch, seconds=LONGEST + SLOWEST * self.known.seconds)

    def _unrun(self, fault: Fault, scratch: Path, now: Path) -> bool:
        """Return whether the tests that are left run the function no more; puts the lost ones back, to be traffic."""
        self._run(scratch, now)
        for place in fault.edits:
            (scratch / place).write_text(self.library.files[place], encoding="utf-8", newline="")
        return not times_of(now).get(self._handler(fault))

    def _shown(self, fault: Fault | None, done: Outcome, now: Path) -> tuple[str, ...] | None:
        """Return the options that show a fault, None when nothing does."""
        telemetry = ("--telemetry", str(now), "--baseline", str(self.past))
        good = ("--good", "HEAD~1")
        if fault is None:
            return (*good, *telemetry)
        broke = bool(done.failed - self.known.failed)
        if fault.type == "documentation":
            return good
        if fault.type not in BY_TELEMETRY:
            lost = not done.complete and not done.tests
            return good if broke or (lost and fault.type == "dependency") else None
        if broke or not done.complete:
            return None
        return (*good, *telemetry) if self._differs(fault, now) else None

    def _differs(self, fault: Fault, now: Path) -> bool:
        name = self._handler(fault)
        if fault.type == "performance":
            old, new = self.times.get(name, []), times_of(now).get(name, [])
            slow = statistics.median(new) if len(new) >= SAMPLES else 0.0
            return slow > LEAST and slow > SLOWER * statistics.median(old)
        if fault.type == "behavioral":
            return bool(set(orders_of(now).get(name, Counter())) - set(self.orders.get(name, Counter())))
        return bool(times_of(now).get(name))


def events(path: Path) -> Iterator[dict[str, object]]:
    """Yield the events of a file."""
    with path.open(encoding="utf-8") as stream:
        yield from map(json.loads, stream)


def times_of(path: Path) -> dict[str, list[float]]:
    """Return the milliseconds of each handler's executions."""
    found: dict[str, list[float]] = defaultdict(list)
    for event in events(path) if path.is_file() else ():
        if event["event"] == "beat-completed":
            found[str(event["handler"])].append(float(str(event["duration_ms"])))
    return found


def orders_of(path: Path) -> dict[str, Counter[tuple[str, ...]]]:
    """Return the orders of beats of each sequence, with how often each was seen."""
    runs: dict[tuple[str, str], list[str]] = defaultdict(list)
    for event in events(path) if path.is_file() else ():
        if event["event"] == "beat-started" and "sequence" in event:
            runs[str(event["sequence"]), str(event["execution"])].append(str(event["handler"]))
    found: dict[str, Counter[tuple[str, ...]]] = defaultdict(Counter)
    for (sequence, _), beats in runs.items():
        found[sequence][tuple(beats)] += 1
    return found


__all__ = ["KINDS", "Case", "Workshop", "events", "times_of"]
