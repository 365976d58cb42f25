"""The values of a search: the problem, candidates, what was seen of them, and the findings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Protocol

from bot.codebase import Codebase
from bot.model import Suspect

Status = Literal["passed", "failed", "over", "hang", "broken", "same", "skipped"]


@dataclass(frozen=True, order=True)
class Edit:
    """Replace the characters `start` to `end` of a file by `text`."""

    file: str
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Candidate:
    """Edits that might be the fix; `cost` is minus the logarithm of how likely that is a priori."""

    edits: tuple[Edit, ...]
    operator: str
    cost: float
    function: str
    line: int

    def apply(self, file: str, text: str) -> str:
        """Return the text of `file` with the candidate's edits of that file made."""
        for edit in sorted((edit for edit in self.edits if edit.file == file), reverse=True):
            text = text[: edit.start] + edit.text + text[edit.end :]
        return text

    @property
    def files(self) -> tuple[str, ...]:
        """Return the files that change, in alphabetical order."""
        return tuple(sorted({edit.file for edit in self.edits}))


@dataclass(frozen=True)
class Fault:
    """An exception as a test ended with: its type's name, message, and frames (file, line, function) in the project."""

    type: str
    message: str
    frames: tuple[tuple[str, int, str], ...] = ()


@dataclass(frozen=True)
class Observation:
    """One test on the code as it is: outcome, lines that ran by file, ticks (loop rounds and calls), seconds."""

    test: str
    outcome: str
    fault: Fault | None = None
    lines: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    ticks: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Verdict:
    """How a candidate did: `passed_tests` before the first that failed, and that one's fault.

    `slow` says that it ran out of time before it ran out of ticks: more of these are no help. `ticks` are all it took.
    """

    status: Status
    passed_tests: int = 0
    fault: Fault | None = None
    observations: tuple[Observation, ...] = ()
    slow: bool = False
    ticks: int = 0


@dataclass(frozen=True)
class Call:
    """A call as text; `passing` when it comes from a passing test, as it was or varied."""

    text: str
    passing: bool


@dataclass(frozen=True)
class Behaviour:
    """Calls, what the code as it is answers to each, and what each candidate answers, in the same order.

    `seen` counts the distinct calls that the tests themselves make; the others are variations of these.
    """

    calls: tuple[Call, ...]
    before: tuple[str, ...]
    after: tuple[tuple[str, ...], ...]
    seen: int = 0


class Evaluate(Protocol):
    """Runs candidates against the tests; its answers order candidates, they prove nothing."""

    def seconds(self) -> float:
        """Return the seconds since the evaluation began."""

    def observe(self) -> tuple[Observation, ...]:
        """Return the failing tests and then as many of the others as time allows, on the code as it is."""

    def screen(self, candidates: Sequence[Candidate], effort: int = 1) -> tuple[Verdict, ...]:
        """Return how each candidate does on the failing tests, cheapest first, within `effort` times the usual."""

    def confirm(self, candidates: Sequence[Candidate]) -> tuple[Verdict, ...]:
        """Return how each candidate does on all tests, in their order, in a process of its own."""

    def behave(self, candidates: Sequence[Candidate], seed: int) -> Behaviour:
        """Return what the code as it is and each candidate answer to calls seen in the tests and variations of them."""


@dataclass(frozen=True)
class Problem:
    """What to repair: failing tests of a codebase, places that may be at fault, and the bounds of the search."""

    codebase: Codebase
    failing: tuple[str, ...]
    suspects: tuple[Suspect, ...] = ()
    good: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0
    budget_seconds: float = 60.0
    max_candidates: int = 60_000
    progress: Callable[[int, int], None] = lambda tried, found: None

    def text(self, file: str) -> str:
        """Return the text of a file as it is now, empty when there is none."""
        return self.codebase.files.get(file, "")

    @cached_property
    def changed(self) -> tuple[str, ...]:
        """Return the files, tests left out, that differ from the last good version; empty when there is none."""
        paths = sorted({*self.good, *self.codebase.files}) if self.good else []
        own = (path for path in paths if not self.codebase.is_test(path))
        return tuple(path for path in own if self.good.get(path) != self.codebase.files.get(path))


@dataclass(frozen=True)
class Plausible:
    """A candidate that passes all tests, with its rank score (lower is better) and the edit in words.

    `rival` is the place of the likeliest patch that behaves otherwise, -1 when there is none; `apart` is the call that
    tells the two apart, with what it answers with this patch and with the rival.
    """

    candidate: Candidate
    edits: Mapping[str, str]
    score: float
    title: str
    operator: str
    rival: int = -1
    apart: str = ""


@dataclass(frozen=True)
class Findings:
    """Plausible patches, best first; `abstained` when no one of them can be trusted over the next."""

    plausible: tuple[Plausible, ...]
    tried: int
    abstained: bool = False
    told_apart_by: str = ""
    why: str = ""
