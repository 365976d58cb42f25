"""Reading logs safely: archives, cleaning, limits, ranking, excerpts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from bot import registry
from bot.logs.excerpt import excerpt
from bot.logs.findings import Claim, Found
from bot.logs.intake import Member, read
from bot.logs.judge import Judged, failures, judge
from bot.logs.lines import Log
from bot.logs.project import project_of
from bot.model import Failure, LogDiagnosis, Verdict


def diagnose(files: Iterable[tuple[str, Path]], *, checkout: Path | None = None) -> LogDiagnosis:
    """Return what logs say together: verdict, failures with the root cause first, and an excerpt.

    `files` are (name, path) of plain, gzip or zip files. Raises `Misconfigured` when one cannot be opened; what is
    refused or cut is said in `not_understood`.
    """
    reading = read(files)
    judged = [examine(member, checkout=checkout) for member in reading.members]
    return LogDiagnosis(
        verdict=_together([j.verdict for j in judged]),
        failures=_once(failure for j in judged for failure in failures(j)),
        excerpt=excerpt(judged),
        not_understood=tuple(reading.refused),
    )


def failures_of(
    name: str, data: bytes, *, exit_code: int | None = None, checkout: Path | None = None
) -> tuple[Verdict, tuple[Failure, ...]]:
    """Return the verdict and the failures of one log or check output that is at hand as bytes."""
    judged = examine(Member(name, data), exit_code=exit_code, checkout=checkout)
    return judged.verdict, _once(failures(judged))


def examine(member: Member, *, exit_code: int | None = None, checkout: Path | None = None) -> Judged:
    """Return what the parsers' findings in one log come to."""
    log = Log(member.name, member.data, cut_at=member.cut_at, cut_lines=member.cut_lines)
    project = project_of(log, checkout)
    said: list[Found | Claim] = []
    for unit in registry.units("parser").values():
        if unit.about.get("reads", "log") == "log":
            said.extend(unit(log, project))
    return judge(log, said, exit_code)


def _together(verdicts: Sequence[Verdict]) -> Verdict:
    if "failed" in verdicts:
        return "failed"
    return "passed" if "passed" in verdicts else "unknown"


def _once(found: Iterable[Failure]) -> tuple[Failure, ...]:
    seen: dict[tuple[object, ...], Failure] = {}
    for one in found:
        key = (one.klass, one.test_id, one.file, one.line, one.code, one.message, one.detail("module"))
        seen.setdefault(key, one)
    return tuple(seen.values())


__all__ = ["diagnose", "examine", "failures_of"]
