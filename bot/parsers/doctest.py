"""doctest (also Sphinx's doctest builder): examples whose output differs."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.logs.tracebacks import exception_of
from bot.model import FailureClass
from bot.registry import parser

PLACE = rx(r"^File \"(?P<file>[^\"]+)\", line (?P<line>\d{1,9}), in (?P<name>\S+)$")
FAILED = rx(r"^Failed example:$")
EXPECTED = rx(r"^(?P<what>Expected(?: nothing)?|Exception raised|Differences .*):?$")
SPHINX = rx(r"^Doctest summary$")
TOTAL = rx(r"^\*\*\*Test Failed\*\*\* (?P<count>\d+) failures?\.$")


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield each failed example, at its own line."""
    klass: FailureClass = "docs" if log.first(SPHINX) is not None else "test-failure"
    for hit in log.find(PLACE):
        if FAILED.find(log.line(hit.index + 1)) is None:
            continue
        told = log.first(EXPECTED, hit.index + 2, hit.index + 40)
        message, exception = _told(log, told.index, told["what"]) if told else ("", None)
        yield Found(
            hit.index,
            klass,
            "doctest",
            message or log.line(hit.index + 2).strip(),
            exception,
            file=project.path(hit["file"]),
            line=int(hit["line"]),
            details={"example": log.line(hit.index + 2).strip(), "name": hit["name"]},
        )


def _told(log: Log, index: int, what: str) -> tuple[str, str | None]:
    if what == "Expected nothing":
        return "expected nothing", None
    if what != "Exception raised":
        return f"expected {log.line(index + 1).strip()}", None
    for at in range(index + 1, index + 60):
        text = log.line(at)
        if text.startswith("    ") and not text.startswith("     ") and "Traceback" not in text:
            exception, message = exception_of(text)
            if exception is not None:
                return message, exception
    return "", None
