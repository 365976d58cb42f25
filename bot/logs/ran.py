"""Which tests ran, how long and how they ended: from JUnit, pytest's JSON report and the list of `--durations`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from bot.logs.intake import Member
from bot.logs.junit import test_id
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.logs.reports import Report, at, items, text, xml_events

SLOWEST = rx(r"^=+ slowest (?:\d+ )?durations =+$")
DURATION = rx(r"^(?P<seconds>\d+(?:\.\d+)?)s (?P<phase>setup|call|teardown) +(?P<test>\S.*?)[ \t]*$")
LINES = 20_000  # of one section
STAMP = rx(r"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))")
BROKEN = frozenset({"failed", "error"})


class Ran(NamedTuple):
    """One test that ran: its id, milliseconds, whether it failed, and when, as found (empty: unknown)."""

    test: str
    took: float
    failed: bool = False
    when: str | float = ""


def tests_in(member: Member, project: Project) -> Iterator[Ran]:
    """Yield the tests whose times a report or a log tells; nothing for any other file."""
    if not member.report:
        if b" slowest " in member.data:
            yield from _durations(Log(member.name, member.data))
        return
    report = Report(member.name, member.data)
    if report.is_xml and b"<testsuite" in member.data[:65_536]:
        yield from _junit(member.data, project)
    elif at(report.json, "summary") is not None and at(report.json, "exitcode") is not None:
        yield from _json(report.json)


def _durations(log: Log) -> Iterator[Ran]:
    """Yield the tests of pytest's list of durations, their phases added; short ones are not in it."""
    failed = {hit["test"].partition(" - ")[0] for hit in log.find(FAILED)}
    for section in log.find(SLOWEST):
        sums: dict[str, float] = {}
        for hit in log.find(DURATION, section.index + 1, section.index + LINES):
            sums[hit["test"]] = sums.get(hit["test"], 0.0) + float(hit["seconds"])
        stamp = STAMP.find(log.raw(section.index)[:400])
        when = stamp["time"] if stamp else ""
        yield from (Ran(test, seconds * 1e3, test in failed, when) for test, seconds in sums.items())


FAILED = rx(r"^(?:FAILED|ERROR) (?P<test>\S+::.*?)[ \t]*$")


def _junit(data: bytes, project: Project) -> Iterator[Ran]:
    start = ""
    with suppress(ValueError):
        for event, node in xml_events(data):
            if event == "start" and node.tag == "testsuite":
                start = node.get("timestamp") or start
            if event == "start" or node.tag != "testcase":
                continue
            kinds = {child.tag for child in node}
            if "skipped" not in kinds:
                failed = bool(kinds & {"failure", "error"})
                yield Ran(test_id(node.attrib, (), project), float(node.get("time") or 0) * 1e3, failed, start)
            node.clear()


def _json(document: object) -> Iterator[Ran]:
    created = at(document, "created")
    when = created if isinstance(created, int | float) else ""
    for one in items(document, "tests"):
        spent = [at(one, phase, "duration") for phase in ("setup", "call", "teardown")]
        if one.get("outcome") != "skipped":
            took = sum(value for value in spent if isinstance(value, int | float)) * 1e3
            yield Ran(text(one.get("nodeid")), took, one.get("outcome") in BROKEN, when)
