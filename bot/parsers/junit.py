"""JUnit XML: failing and erring tests, with their text read like a log of the runner."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from dataclasses import dataclass

from bot.logs.causes import classify
from bot.logs.findings import Claim, Found
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.logs.reports import Report
from bot.logs.tracebacks import exception_of
from bot.parsers._pytest_tracebacks import Told, read_section
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
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import ParseError, iterparse

    bad: list[Bad] = []
    total = 0
    with contextlib.suppress(ParseError, DefusedXmlException, ValueError):
        for _, element in iterparse(io.BytesIO(data), events=("end",)):
            if element.tag != "testcase":
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
        None if loading else _test_id(bad.attributes, told, project),
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
    return project.path(file) if file else _path_of(dotted, project)[0]


def _test_id(attributes: dict[str, str], told: Told, project: Project) -> str:
    """Rebuild the id that the report leaves out: the traceback's frames, or known files, tell where the path ends."""
    name, dotted = attributes.get("name", ""), attributes.get("classname", "")
    if not dotted:
        return name
    files = [project.path(attributes["file"])] if attributes.get("file") else []
    files += [frame.file for frame in told.frames]
    for file in files:
        module = file.removesuffix(".py").replace("/", ".")
        if dotted == module or dotted.startswith(module + "."):
            rest = dotted[len(module) + 1 :]
            return "::".join([file, *filter(None, rest.split(".")), name])
    path, classes = _path_of(dotted, project)
    return "::".join([path, *classes, name])


def _path_of(dotted: str, project: Project) -> tuple[str, list[str]]:
    """Split a dotted name into a module's path and classes; without known files a class starts with a capital."""
    parts = dotted.split(".")
    for size in range(len(parts), 0, -1):
        path = "/".join(parts[:size]) + ".py"
        if path in project.files:
            return path, parts[size:]
    size = next((i for i, part in enumerate(parts) if i and part[:1].isupper()), len(parts))
    return "/".join(parts[:size]) + ".py", parts[size:]
