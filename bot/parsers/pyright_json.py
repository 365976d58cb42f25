"""Pyright's JSON: type errors, one failure each."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found
from bot.logs.lines import Log
from bot.logs.project import Project
from bot.logs.reports import Report, at, items, text
from bot.registry import parser


@parser(reads="report")
def parse(report: Report, log: Log, project: Project) -> Iterator[Found | Claim] | None:
    """Return the errors of the report, None when it is another kind of file; its lines count from 0."""
    if at(report.json, "generalDiagnostics") is None or at(report.json, "summary") is None:
        return None
    return _told(report.json, log, project)


def _told(document: object, log: Log, project: Project) -> Iterator[Found | Claim]:
    bad = [one for one in items(document, "generalDiagnostics") if one.get("severity") == "error"]
    yield Claim(0, len(log), "pyright", not bad)
    broken: set[str] = set()
    for one in bad:
        line, rule, file = at(one, "range", "start", "line"), text(one.get("rule")), text(one.get("file"))
        if not rule and file in broken:
            continue  # what follows the first error of syntax follows from it
        broken |= {file} if not rule else set()
        yield Found(
            _line(log, text(one.get("message"))),
            "type" if rule else "syntax-error",
            "pyright",
            text(one.get("message")),
            file=project.path(file) or None,
            line=line + 1 if isinstance(line, int) else None,
            code=rule,
        )


def _line(log: Log, message: str) -> int:
    """Return the first line of the report that holds the beginning of the message."""
    start = message.partition("\n")[0].replace('"', '\\"').encode("utf-8", "replace")
    return log.text.count(b"\n", 0, max(0, log.text.find(start)))
