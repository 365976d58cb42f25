"""JSON of linters: Ruff (also by lines and for GitLab), Pylint, Bandit."""

from __future__ import annotations

import json
from collections.abc import Iterator

from bot.logs.findings import Claim, Found
from bot.logs.lines import Log
from bot.logs.project import Project
from bot.logs.reports import Report, at, items, number, text
from bot.parsers._lint_lines import Finding, by_code
from bot.registry import parser


@parser(reads="report")
def parse(report: Report, log: Log, project: Project) -> Iterator[Found | Claim] | None:
    """Return the findings of the report, None when it is another kind of file."""
    document = report.json if report.json is not None else _lines(report.data)
    if isinstance(document, dict) and "messages" in document and "statistics" in document:
        return _told([("pylint", *_pylint(one)) for one in items(document, "messages")], "pylint", log, project)
    if isinstance(document, dict) and "results" in document and "errors" in document and "metrics" in document:
        return _told([("bandit", *_bandit(one)) for one in items(document, "results")], "bandit", log, project)
    if not isinstance(document, list) or not all(isinstance(one, dict) for one in document):
        return None
    read = [known for known in map(_known, document) if known is not None]
    if len(read) != len(document) or not document:
        return None
    return _told(read, read[0][0], log, project)


def _lines(data: bytes) -> list[object] | None:
    """Return the objects of JSON lines, None when a line is something else."""
    if not data.startswith(b'{"cell"') and not data.startswith(b'{"code"'):
        return None
    try:
        return [json.loads(line) for line in data.splitlines()[:10_000] if line.strip()]
    except (ValueError, RecursionError):
        return None


def _known(one: dict[str, object]) -> tuple[str, str, int, str, str] | None:
    """Return (tool, file, line, code, message) of one object in the form of a known tool."""
    if "filename" in one and "location" in one and "code" in one:
        code = text(one["code"]) or "invalid-syntax"
        return "ruff", text(one["filename"]), number(at(one, "location", "row")) or 0, code, text(one.get("message"))
    if "message-id" in one and "path" in one:
        return (
            "pylint",
            text(one["path"]),
            number(one.get("line")) or 0,
            text(one["message-id"]),
            text(one.get("message")),
        )
    if "check_name" in one and "location" in one:
        line = number(at(one, "location", "lines", "begin")) or number(
            at(one, "location", "positions", "begin", "line")
        )
        return (
            "ruff",
            text(at(one, "location", "path")),
            line or 0,
            text(one["check_name"]),
            text(one.get("description")),
        )
    return None


def _pylint(one: dict[str, object]) -> tuple[str, int, str, str]:
    return text(one.get("path")), number(one.get("line")) or 0, text(one.get("messageId")), text(one.get("message"))


def _bandit(one: dict[str, object]) -> tuple[str, int, str, str]:
    return (
        text(one.get("filename")),
        number(one.get("line_number")) or 0,
        text(one.get("test_id")),
        text(one.get("issue_text")),
    )


def _told(
    found: list[tuple[str, str, int, str, str]], tool: str, log: Log, project: Project
) -> Iterator[Found | Claim]:
    yield Claim(0, len(log), tool, not found)
    findings = [Finding(_line(log, code, message), file, line, code, message) for _, file, line, code, message in found]
    yield from by_code(findings, tool, project)


def _line(log: Log, code: str, message: str) -> int:
    offset = log.text.find(b'"' + code.encode("utf-8", "replace") + b'"')
    if offset < 0 and message:  # Ruff gives a syntax error no code
        offset = log.text.find(json.dumps(message, ensure_ascii=False).encode("utf-8", "replace"))
    return log.text.count(b"\n", 0, max(offset, 0))
