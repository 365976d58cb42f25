"""SARIF: findings of any analyser, one failure for each rule."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote, urlparse

from bot.logs.findings import Claim, Found
from bot.logs.lines import Log
from bot.logs.project import Project
from bot.logs.reports import Report, at, items, number, text
from bot.model import FailureClass
from bot.parsers._lint_lines import Finding, by_code
from bot.registry import parser

KINDS: dict[str, FailureClass] = {"mypy": "type", "pyright": "type", "basedpyright": "type", "pyre": "type"}


@parser(reads="report")
def parse(report: Report, log: Log, project: Project) -> Iterator[Found | Claim] | None:
    """Return the findings of the report, None when it is another kind of file."""
    if at(report.json, "runs", 0, "tool", "driver") is None:
        return None
    return _told(report.json, log, project)


def _told(document: object, log: Log, project: Project) -> Iterator[Found | Claim]:
    for run in items(document, "runs"):
        tool = text(at(run, "tool", "driver", "name")).lower() or "sarif"
        found = [_finding(one, log) for one in items(run, "results") if _counts(one)]
        yield Claim(0, len(log), tool, not found)
        yield from by_code(found, tool, project, KINDS.get(tool, "lint"))


def _counts(result: dict[str, object]) -> bool:
    return result.get("level", "warning") in ("error", "warning") and not result.get("suppressions")


def _finding(result: dict[str, object], log: Log) -> Finding:
    place = at(result, "locations", 0, "physicalLocation")
    uri = unquote(urlparse(text(at(place, "artifactLocation", "uri"))).path)
    code = text(result.get("ruleId")) or text(at(result, "rule", "id"))
    offset = log.text.find(b'"' + code.encode("utf-8", "replace") + b'"')
    index = log.text.count(b"\n", 0, max(offset, 0))
    return Finding(index, uri, number(at(place, "region", "startLine")) or 0, code, text(at(result, "message", "text")))
