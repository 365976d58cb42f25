"""Bandit: security findings, the issue first and its place a few lines below."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.parsers._lint_lines import Finding, by_code
from bot.registry import parser

ISSUE = rx(r"^>> Issue: \[(?P<code>B\d{3}):[\w-]+\] (?P<message>.*)$")
PLACE = rx(r"^ +Location: (?P<file>[^:]+):(?P<line>\d{1,9})(?::\d+)?$")
CLEAN = rx(r"^[ \t]*No issues identified\.$")


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield one failure for each rule."""
    found: list[Finding] = []
    for hit in log.find(ISSUE):
        place = log.first(PLACE, hit.index, hit.index + 8)
        if place is not None:
            found.append(Finding(hit.index, place["file"], int(place["line"]), hit["code"], hit["message"]))
    yield from by_code(found, "bandit", project)
    for clean in log.find(CLEAN):
        yield Claim(clean.index, clean.index + 1, "bandit", True)
