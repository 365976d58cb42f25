"""What the runners of the repair benchmarks share: search one case, judge it, print one table."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from bot.codebase import Codebase
from bot.errors import BotError
from bot.model import Check, CodebaseInfo, Suspect
from bot.ports import Sandbox
from bot.search import Bounds, Findings, Plausible, Problem, Tests, evaluator, repair

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


@dataclass(frozen=True)
class Row:
    """What became of a case; `rank` is the place of the first right patch, 0 when there is none."""

    name: str
    plausible: int = 0
    rank: int = 0
    abstained: bool = False
    tried: int = 0
    seconds: float = 0.0
    note: str = ""
    patches: tuple[str, ...] = field(default=())

    @property
    def verdict(self) -> str:
        """Return correct, abstained, wrong or none."""
        if not self.plausible:
            return "none"
        if self.abstained:
            return "abstained"
        return "correct" if self.rank == 1 else "wrong"


def attempt(case: Case, box: Sandbox, seconds: float, *, judged: int = 10) -> Row:
    """Search a case and judge its first patches."""
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
    began = time.monotonic()
    try:
        with evaluator(box, codebase, check, Tests(case.failing, case.passing), Bounds(patience=2.0)) as evaluate:
            problem = Problem(codebase, case.failing, suspects=case.suspects, budget_seconds=seconds)
            findings = repair(problem, evaluate)
    except BotError as error:
        return Row(case.name, seconds=time.monotonic() - began, note=str(error))
    return _row(case, findings, time.monotonic() - began, judged)


def _row(case: Case, findings: Findings, seconds: float, judged: int) -> Row:
    rank = 0
    for place, patch in enumerate(findings.plausible[:judged], 1):
        if case.judge(patch):
            rank = place
            break
    shown = tuple(shorten(patch) for patch in findings.plausible[:3])
    return Row(
        case.name, len(findings.plausible), rank, findings.abstained, findings.tried, seconds, findings.why, shown
    )


def shorten(patch: Plausible) -> str:
    """Return a patch as one short line."""
    edits = [f"{edit.start}-{edit.end}:{edit.text!r}" for edit in patch.candidate.edits]
    return f"{patch.title} ({patch.score:.1f}) {' '.join(edits)}"[:160]


def table(rows: Iterable[Row], title: str, *, verbose: bool = False) -> str:
    """Return the table as text, with the totals that the figures are quoted from."""
    rows = list(rows)
    out = [f"{'program':34}{'plausible':>10}{'rank':>6}{'verdict':>11}{'tried':>8}{'seconds':>9}"]
    for row in rows:
        numbers = f"{row.plausible:>10}{row.rank:>6}{row.verdict:>11}{row.tried:>8}{row.seconds:>9.1f}"
        out.append(f"{row.name:34}{numbers}")
        if row.note:
            out.append(f"    {row.note}")
        if verbose:
            out += [f"    {patch}" for patch in row.patches]
    count = {name: sum(row.verdict == name for row in rows) for name in ("correct", "abstained", "wrong", "none")}
    median = statistics.median(row.seconds for row in rows) if rows else 0.0
    longest = max((row.seconds for row in rows), default=0.0)
    out.append(
        f"{title}: {len(rows)} cases, plausible {sum(row.plausible > 0 for row in rows)}, "
        f"correct at rank 1 {sum(row.rank == 1 for row in rows)}, "
        f"correct in the list {sum(row.rank > 0 for row in rows)}; told as fixed: "
        f"correct {count['correct']}, wrong {count['wrong']}, abstained {count['abstained']}, none {count['none']}; "
        f"median {median:.1f} s, longest {longest:.1f} s"
    )
    return "\n".join(out)
