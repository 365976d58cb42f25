"""JUnit XML: failing and erring tests, with their text read like a log of the runner."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from bot.logs.causes import classify
from bot.logs.findings import Claim, Found
from bot.logs.junit import path_of, test_id
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.logs.reports import Report, xml_events
from bot.logs.tracebacks import exception_of
from bot.parsers._pytest_tracebacks import read_section
from bot.registry import parser

TESTCASE = rx(r"<testcase\b")


@dataclass(frozen=True)
class Bad:
    """One failure or error of a `testcase` that starts on line `index` of the report."""

    index: int
    attributes: dict[str, str]
    kind: str
    message: str
    text: str


@parser(reads="report")
def parse(report: Report, log: Log, project: Project) -> Iterator[Found | Claim] | None:
    """Return the failures of a JUnit report, None when it is another kind of file.

    The XML is parsed without entities, so that a small file cannot grow.
    """
    if not report.is_xml or b"<testsuite" not in report.data[:65_536]:
        return None
    return _told(report.data, log, project)


def _told(data: bytes, log: Log, project: Project) -> Iterator[Found | Claim]:
    bad, total = _read(data, [hit.index for hit in log.find(TESTCASE)])
    if total:
        yield Claim(0, len(log), "junit", not bad)
    yield from (_found(one, log, project) for one in bad)


def _read(data: bytes, lines: list[int]) -> tuple[list[Bad], int]:
    """Return what failed and the number of all cases; a report cut short gives what stands before the cut."""
    bad: list[Bad] = []
    total = 0
    with contextlib.suppress(ValueError):
        for event, element in xml_events(data):
            if event == "start" or element.tag != "testcase":
                continue
            index = lines[total] if total < len(lines) else 0
            total += 1
            for child in element:
                if child.tag in ("failure", "error"):
                    text = "".join(child.itertext())
                    bad.append(Bad(index, dict(element.attrib), child.tag, child.get("message", ""), text))
            element.clear()
    return bad, total


def _found(bad: Bad, log: Log, project: Project) -> Found:
    lines = bad.text.split("\n")
    told = read_section(lines, project)
    exception, said = told.exception, told.message
    if told.index < 0:
        exception, said = exception_of(bad.message.partition("\n")[0])
    loading = bad.message == "collection failure"
    module = _module(bad.attributes, project)
    place = next((f for f in told.frames if f.file == module), told.place) if loading else told.place
    return Found(
        _line(log, bad.index, lines[told.index] if told.index >= 0 else ""),
        classify(exception or "", said, own=project.own, loading=loading),
        "pytest" if told.index >= 0 else "junit",
        said,
        exception,
        None if loading else test_id(bad.attributes, [frame.file for frame in told.frames], project),
        place.file if place else module,
        place.line if place else None,
        told.frames,
        details={"phase": "collection", "module": module} if loading else {"phase": bad.kind},
    )


def _line(log: Log, start: int, wanted: str) -> int:
    """Return the line of the report that holds the text the failure rests on, else where the failure starts."""
    plain = wanted.strip()
    for index in range(start, min(start + 400, len(log))):
        if plain and plain in log.line(index):
            return index
    return max(0, start)


def _module(attributes: dict[str, str], project: Project) -> str:
    file = attributes.get("file", "")
    dotted = attributes.get("classname", "") or attributes.get("name", "")
    return project.path(file) if file else path_of(dotted, project)[0]
