"""Coverage by test with the tests' outcomes: what fault localisation and test selection rest on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from bot.errors import Misconfigured

FAILED = frozenset({"failed", "error"})
VERSION = 1


@dataclass(frozen=True)
class Spectrum:
    """Which test ran which lines of which file, and how each test ended (passed, failed, error, skipped, ...)."""

    coverage: Mapping[str, Mapping[str, tuple[int, ...]]] = field(default_factory=dict)
    outcomes: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def bits(self) -> Mapping[str, int]:
        """Return the bit that stands for each test in `masks`."""
        return {test: 1 << number for number, test in enumerate(self.coverage)}

    @cached_property
    def masks(self) -> Mapping[str, Mapping[int, int]]:
        """Return, for each file and line, the tests that ran it as the bits of one number: counting them is cheap."""
        found: dict[str, dict[int, int]] = {}
        for test, files in self.coverage.items():
            bit = self.bits[test]
            for file, lines in files.items():
                into = found.setdefault(file, {})
                for line in lines:
                    into[line] = into.get(line, 0) | bit
        return found

    def mask(self, tests: Iterable[str]) -> int:
        """Return the bits of those tests that have coverage."""
        return sum({self.bits[test] for test in tests if test in self.bits})

    @cached_property
    def by_line(self) -> Mapping[str, Mapping[int, frozenset[str]]]:
        """Return, for each file and line, the tests that ran it."""
        found: dict[str, dict[int, set[str]]] = {}
        for test, files in self.coverage.items():
            for file, lines in files.items():
                into = found.setdefault(file, {})
                for line in lines:
                    into.setdefault(line, set()).add(test)
        return {file: {line: frozenset(tests) for line, tests in of.items()} for file, of in found.items()}

    @property
    def failing(self) -> tuple[str, ...]:
        """Return the tests that failed, in order."""
        return tuple(sorted(test for test, outcome in self.outcomes.items() if outcome in FAILED))

    def tests_of(self, file: str, lines: Iterable[int]) -> tuple[str, ...]:
        """Return the tests that ran any of these lines of a file, in order."""
        by_line = self.by_line.get(file, {})
        return tuple(sorted({test for line in lines for test in by_line.get(line, ())}))

    def lines(self, file: str) -> frozenset[int]:
        """Return the lines of a file that any test ran."""
        return frozenset(self.by_line.get(file, {}))

    def dumps(self) -> str:
        """Return the spectrum as JSON text: files once by index, line numbers as runs of (first, length)."""
        files = sorted({file for of in self.coverage.values() for file in of})
        number = {file: index for index, file in enumerate(files)}
        tests = {
            test: {str(number[file]): _runs(lines) for file, lines in sorted(of.items())}
            for test, of in sorted(self.coverage.items())
        }
        data = {"version": VERSION, "files": files, "tests": tests, "outcomes": dict(sorted(self.outcomes.items()))}
        return json.dumps(data, separators=(",", ":"))

    def save(self, path: Path) -> None:
        """Write the spectrum to a file as JSON."""
        path.write_text(self.dumps(), encoding="utf-8")


def loads(text: str) -> Spectrum:
    """Return the spectrum of a JSON text; raises `Misconfigured` when it is not one of ours."""
    try:
        data: dict[str, Any] = json.loads(text)
        files = data["files"]
        coverage = {
            test: {files[int(index)]: _lines(runs) for index, runs in of.items()} for test, of in data["tests"].items()
        }
        outcomes = dict(data["outcomes"])
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise Misconfigured(f"not a spectrum: {error}", hint="Let it be made again.") from error
    return Spectrum(coverage, outcomes)


def load(path: Path) -> Spectrum:
    """Return the spectrum of a file; raises `Misconfigured` when it can't be read."""
    try:
        return loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Misconfigured(f"cannot read the spectrum {path}: {error}") from error


def _runs(lines: Iterable[int]) -> list[int]:
    runs: list[int] = []
    for line in sorted(set(lines)):
        if runs and runs[-2] + runs[-1] == line:
            runs[-1] += 1
        else:
            runs += [line, 1]
    return runs


def _lines(runs: list[int]) -> tuple[int, ...]:
    pairs = zip(runs[::2], runs[1::2], strict=True)
    return tuple(line for first, length in pairs for line in range(first, first + length))
