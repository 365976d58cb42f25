"""pytest-json-report: failing tests and collectors."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.causes import classify
from bot.logs.findings import Claim, Found
from bot.logs.lines import Log
from bot.logs.project import Project
from bot.logs.reports import Report, at, items, number, text
from bot.logs.tracebacks import exception_of
from bot.parsers._pytest_tracebacks import read_section
from bot.registry import parser


@parser(reads="report")
def parse(report: Report, log: Log, project: Project) -> Iterator[Found | Claim] | None:
    """Return the failures of the report, None when it is another kind of file."""
    if at(report.json, "summary") is None or at(report.json, "exitcode") is None:
        return None
    return _told(report.json, log, project)


def _told(document: object, log: Log, project: Project) -> Iterator[Found | Claim]:
    bad = [one for one in items(document, "tests") if one.get("outcome") in ("failed", "error")]
    broken = [one for one in items(document, "collectors") if one.get("outcome") == "failed"]
    yield Claim(0, len(log), "pytest", not bad and not broken)
    for one in bad:
        phase = next((p for p in ("setup", "call", "teardown") if at(one, p, "outcome") == "failed"), "call")
        yield _found(one, at(one, phase), log, project)
    for one in broken:
        yield _found(one, one, log, project)


def _found(one: dict[str, object], phase: object, log: Log, project: Project) -> Found:
    """Tell one test by its failed phase; a collector is its own phase."""
    loading = phase is one
    node = text(one.get("nodeid"))
    crash = at(phase, "crash")
    told = read_section(text(at(phase, "longrepr")).split("\n"), project)
    exception, message = told.exception, told.message
    if told.index < 0:
        exception, message = exception_of(text(at(crash, "message")).partition("\n")[0])
    place = told.place
    crash_file = text(at(crash, "path"))
    return Found(
        _line(log, node),
        classify(exception or "", message, own=project.own, loading=loading),
        "pytest",
        message,
        exception,
        None if loading else node,
        place.file if place else project.path(crash_file or node.partition("::")[0]),
        place.line if place else number(at(crash, "lineno")),
        told.frames,
        details={"phase": "collection", "module": node} if loading else {},
    )


def _line(log: Log, node: str) -> int:
    """Return the first line of the report that names the test."""
    offset = log.text.find(node.encode("utf-8", "replace"))
    return log.text.count(b"\n", 0, max(offset, 0))
