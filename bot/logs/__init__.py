"""Reading logs safely: archives, cleaning, limits, ranking, excerpts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from bot import registry
from bot.logs.excerpt import excerpt
from bot.logs.findings import Claim, Found
from bot.logs.intake import Member, is_step, member_of, read, whole
from bot.logs.joined import once
from bot.logs.judge import Judged, cancelled, failures, judge, judge_report, named
from bot.logs.lines import Log
from bot.logs.project import Project, project_of
from bot.logs.ran import Ran, tests_in
from bot.logs.reports import Report
from bot.logs.steps import finished
from bot.model import Failure, LogDiagnosis, Verdict


def diagnose(files: Iterable[tuple[str, Path]], *, checkout: Path | None = None) -> LogDiagnosis:
    """Return what logs say together: verdict, failures with the root cause first, and an excerpt.

    `files` are (name, path) of plain, gzip or zip files. Raises `Misconfigured` when one cannot be opened; what is
    refused or cut is said in `not_understood`.
    """
    reading = read(files)
    members = whole(reading.members)
    judged = _own_doing([_without_text(examine(member, checkout=checkout)) for member in members])
    for one in judged:
        if one.left_out:
            reading.refused.append(f"{one.log.name}: {one.left_out} lines that tell alike are left out")
    return LogDiagnosis(
        verdict=_together([j.verdict for j in judged], members),
        failures=once((failure for j in judged for failure in failures(j)), _ran(members, checkout)),
        excerpt=excerpt(judged),
        not_understood=tuple(reading.refused),
    )


def failures_of(
    name: str, data: bytes, *, tool: str = "", exit_code: int | None = None, checkout: Path | None = None
) -> tuple[Verdict, tuple[Failure, ...]]:
    """Return the verdict and the failures of one log, report or check output that is at hand as bytes.

    `exit_code` decides the verdict where it is known; `tool` then names what failed when the output does not.
    """
    judged = examine(member_of(name, data), exit_code=exit_code, checkout=checkout)
    return judged.verdict, once(failures(named(judged, tool)))


def examine(member: Member, *, exit_code: int | None = None, checkout: Path | None = None) -> Judged:
    """Return what the parsers' findings in one log or report come to; a report that none knows is read as a log."""
    parsers = registry.units("parser").values()
    log = Log(member.name, member.data, cut_at=member.cut_at, cut_lines=member.cut_lines)
    project = project_of(log, checkout)
    if member.report:
        report = Report(member.name, member.data)
        for unit in (p for p in parsers if p.about.get("reads") == "report"):
            known = unit(report, log, project)
            if known is not None:
                return judge_report(log, list(known))
    said: list[Found | Claim] = []
    for unit in (p for p in parsers if p.about.get("reads") == "log"):
        said.extend(unit(log, project))
    return judge(log, said, exit_code)


def _without_text(judged: Judged) -> Judged:
    """Return what is judged without a text that nothing rests on: an archive may hold many logs that passed."""
    return judged if judged.verdict == "failed" else replace(judged, log=Log(judged.log.name, b""))


def _own_doing(judged: list[Judged]) -> list[Judged]:
    """Return the logs of a run without a bare cancellation where another job failed: it was stopped for that."""
    if not any(one.found and not all(map(cancelled, one.found)) for one in judged):
        return judged
    return [replace(one, found=()) if one.found and all(map(cancelled, one.found)) else one for one in judged]


def _ran(members: Sequence[Member], checkout: Path | None) -> dict[str, list[Ran]]:
    """Return the tests that each report tells."""
    found = {}
    for member in members:
        if member.report:
            project = project_of(Log(member.name, member.data), checkout) if checkout else Project()
            found[member.name] = list(tests_in(member, project))
    return found


def _together(verdicts: Sequence[Verdict], members: Sequence[Member]) -> Verdict:
    """Steps of a job, each in a file of its own, none of which failed, passed when they run to the job's end."""
    if "failed" in verdicts:
        return "failed"
    if "passed" in verdicts or any(is_step(one) and finished(Log(one.name, one.data)) for one in members):
        return "passed"
    return "unknown"


__all__ = ["diagnose", "examine", "failures_of"]
