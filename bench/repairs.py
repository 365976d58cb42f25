"""What the runners of the repair benchmarks share: search one case, judge it, print one table."""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from bot.codebase import Codebase
from bot.errors import BotError
from bot.model import Check, CodebaseInfo, Suspect
from bot.ports import Sandbox
from bot.search import Bounds, Evaluate, Findings, Observation, Plausible, Problem, Tests, evaluator, repair
from bot.search.localise import suspicion

BOUNDS = Bounds(patience=2.0, total=1800.0, by_processor=True)
WAITING = 5.0  # how many seconds may pass for each of the processor
JUDGED = 8  # patches of each case, from the first on
# The judge says whether a patch is right: None when it can't tell.
Judge = Callable[[Plausible], bool | None]


@dataclass(frozen=True)
class Case:
    """One faulty program: its tree, how its tests run, and who judges a patch."""

    name: str
    tree: Path
    arguments: tuple[str, ...]
    judge: Judge
    failing: tuple[str, ...] = ()
    passing: tuple[str, ...] = ()
    environment: Path = Path(sys.prefix)
    suspects: tuple[Suspect, ...] = ()
    runner: str = "pytest"
    good: Mapping[str, str] = field(default_factory=dict)
    faulty: tuple[tuple[str, int], ...] = ()  # file and line of what is truly at fault, where that is known


@dataclass(frozen=True)
class Row:
    """What became of a case; `rank` is the place of the first right patch, 0 when there is none."""

    name: str
    plausible: int = 0
    rank: int = 0
    abstained: bool = False
    tried: int = 0
    seconds: float = 0.0
    cpu: float = 0.0  # seconds of the processor, all processes together: what a busy machine does not change
    first: int = 0  # candidates tried when the first plausible patch was there
    note: str = ""
    patches: tuple[str, ...] = ()
    right: tuple[bool, ...] = ()  # of the first patches, which ones the judge holds right,
    scores: tuple[float, ...] = ()  # and their scores
    located: int = 0  # the place of the function truly at fault among those suspected, 0 when it is not among them

    @property
    def verdict(self) -> str:
        """Return correct, abstained, wrong or none."""
        if not self.plausible:
            return "none"
        if self.abstained:
            return "abstained"
        return "correct" if self.rank == 1 else "wrong"


def attempt(case: Case, box: Sandbox, seconds: float) -> Row:
    """Search a case for so many seconds of the processor and judge its first patches."""
    check = Check(
        name=case.runner,
        kind="test",
        tool=case.runner,
        argv=("python", "-m", case.runner, *case.arguments),
        runner="unittest" if case.runner == "unittest" else "pytest",
    )
    info = CodebaseInfo(
        repository="bench/case",
        checkout=str(case.tree),
        tree=str(case.tree),
        digest="",
        environment=str(case.environment),
    )
    codebase = Codebase(info)
    clock, first = Clock(), FirstFind()
    try:
        with evaluator(box, codebase, check, Tests(case.failing, case.passing), BOUNDS) as inside:
            evaluate = Watched(inside)
            problem = Problem(
                codebase, case.failing, suspects=case.suspects, budget_seconds=seconds, progress=first, good=case.good
            )
            findings = repair(problem, evaluate)
    except BotError as error:
        return replace(clock.stop(Row(case.name)), note=str(error))
    measured = clock.stop(Row(case.name, first=first.tried, located=located(case, problem, evaluate.seen)))
    return _row(case, findings, replace(measured, cpu=measured.cpu + inside.processor))


class Watched:
    """An evaluation that remembers what it saw the tests do."""

    def __init__(self, inside: Evaluate) -> None:
        self.seen: tuple[Observation, ...] = ()
        self.screen, self.confirm, self.behave = inside.screen, inside.confirm, inside.behave
        self._observe, self._seconds = inside.observe, inside.seconds
        self._began = time.monotonic()

    def seconds(self) -> float:
        """Return the seconds used; where tests wait rather than work, a part of the time that passed."""
        return max(self._seconds(), (time.monotonic() - self._began) / WAITING)

    def observe(self) -> tuple[Observation, ...]:
        """Return what the tests do, and keep it."""
        self.seen = self._observe()
        return self.seen


def located(case: Case, problem: Problem, seen: Sequence[Observation]) -> int:
    """Return the place of the first function truly at fault among those suspected, ties at their worst; 0 for none."""
    best: dict[tuple[str, str], float] = {}
    for (file, line), score in suspicion(problem, seen).items():
        where = _function(problem, file, line)
        best[where] = max(best.get(where, 0.0), score)
    places = [
        sum(score >= best[one] for score in best.values())
        for one in {_function(problem, *at) for at in case.faulty}
        if one in best
    ]
    return min(places, default=0)


def _function(problem: Problem, file: str, line: int) -> tuple[str, str]:
    found = problem.codebase.function_at(file, line)
    return file, found.qualname if found else ""


class Clock:
    """Measures the time and the processor time since it was made."""

    def __init__(self) -> None:
        self.began, self.used = time.monotonic(), _used()

    def stop(self, row: Row) -> Row:
        """Return the row with what was measured."""
        return replace(row, seconds=time.monotonic() - self.began, cpu=_used() - self.used)


def _used() -> float:
    who = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in who)


class FirstFind:
    """Remembers how many candidates had been tried when the first plausible patch was there."""

    def __init__(self) -> None:
        self.tried = 0

    def __call__(self, tried: int, found: int) -> None:
        """Take note of the progress of a search."""
        if found and not self.tried:
            self.tried = tried


def _row(case: Case, findings: Findings, measured: Row) -> Row:
    right = tuple(bool(case.judge(patch)) for patch in findings.plausible[:JUDGED])
    rank = right.index(True) + 1 if True in right else 0
    shown = tuple(shorten(patch) for patch in findings.plausible[:3])
    return replace(
        measured,
        plausible=len(findings.plausible),
        rank=rank,
        abstained=findings.abstained,
        tried=findings.tried,
        note=findings.why,
        right=right,
        scores=tuple(round(patch.score, 3) for patch in findings.plausible[:JUDGED]),
        patches=shown,
    )


def shorten(patch: Plausible) -> str:
    """Return a patch as one short line."""
    edits = [f"{edit.start}-{edit.end}:{edit.text!r}" for edit in patch.candidate.edits]
    return f"{patch.title} ({patch.score:.1f}) {' '.join(edits)}"[:160]


def keep(rows: Iterable[Row], file: Path | None) -> None:
    """Write the rows as JSON, one a line, for those who compare runs; nothing where no file is given."""
    if file is not None:
        file.write_text("".join(json.dumps(asdict(row)) + "\n" for row in rows))


def kept(file: Path | None) -> list[Row]:
    """Return the rows that a run wrote before it was cut short; none where there is no such file."""
    lines = file.read_text().splitlines() if file is not None and file.exists() else []
    return [_read(json.loads(line)) for line in lines]


def _read(held: dict[str, Any]) -> Row:
    given: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in held.items()}
    return Row(**given)


def line(row: Row) -> str:
    """Return a case's result in one line, for those who wait."""
    return (
        f"{row.name} {row.verdict} rank {row.rank} of {row.plausible}, {row.seconds:.1f} s, processor {row.cpu:.1f} s"
    )


def table(rows: Iterable[Row], title: str, *, verbose: bool = False) -> str:
    """Return the table as text, with the totals that the figures are quoted from."""
    rows = list(rows)
    out = [f"{'program':34}{'plausible':>10}{'rank':>6}{'verdict':>11}{'first':>7}{'tried':>8}{'seconds':>9}{'cpu':>7}"]
    for row in rows:
        found = f"{row.plausible:>10}{row.rank:>6}{row.verdict:>11}"
        cost = f"{row.first:>7}{row.tried:>8}{row.seconds:>9.1f}{row.cpu:>7.1f}"
        out.append(f"{row.name:34}{found}{cost}")
        if row.note:
            out.append(f"    {row.note}")
        if verbose:
            out += [f"    {patch}" for patch in row.patches]
    count = {name: sum(row.verdict == name for row in rows) for name in ("correct", "abstained", "wrong", "none")}
    median = statistics.median(row.seconds for row in rows) if rows else 0.0
    cpu = statistics.median(row.cpu for row in rows) if rows else 0.0
    longest = max((row.seconds for row in rows), default=0.0)
    out.append(
        f"{title}: {len(rows)} cases, plausible {sum(row.plausible > 0 for row in rows)}, "
        f"correct at rank 1 {sum(row.rank == 1 for row in rows)}, "
        f"correct in the list {sum(row.rank > 0 for row in rows)}; told as fixed: "
        f"correct {count['correct']}, wrong {count['wrong']}, abstained {count['abstained']}, none {count['none']}; "
        f"median {median:.1f} s, longest {longest:.1f} s, median of processor time {cpu:.1f} s"
    )
    return "\n".join(out)
