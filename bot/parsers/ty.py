"""ty and Pyrefly: type errors, each with its place on the line below, or one a line."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.registry import parser

TY = rx(r"^ *error\[(?P<code>[a-z][a-z-]+)\]:? (?P<message>\S.*)$")
PYREFLY = rx(r"^ *ERROR (?P<message>\S.*?) \[(?P<code>[a-z][a-z-]+)\]$")
ARROW = rx(r"^ *--> (?P<file>[^:]+\.pyi?):(?P<line>\d{1,9}):\d+$")
CONCISE = rx(
    r"^(?:ERROR )?(?P<file>[^\s:][^:]*\.pyi?):(?P<line>\d{1,9}):\d+(?:-[\d:]+)?: (?:error\[(?P<code>[a-z][a-z-]+)\]"
    r" (?P<message>\S.*)|(?P<text>\S.*) \[(?P<name>[a-z][a-z-]+)\])$"
)
SUMMARY = rx(r"^(?:Found \d+ diagnostics?| *INFO \d+ errors?.*)$")
GOOD = rx(r"^ *INFO 0 errors.*$")


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield each error at its place."""
    for arrow in log.find(ARROW):
        above = log.line(arrow.index - 1)
        told, tool = TY.find(above), "ty"
        if told is None:
            told, tool = PYREFLY.find(above), "pyrefly"
        if told is not None:
            file = project.path(arrow["file"])
            place = int(arrow["line"])
            yield Found(arrow.index - 1, "type", tool, told["message"], file=file, line=place, code=told["code"])
    for hit in log.find(CONCISE) if log.first(SUMMARY) is not None else ():
        tool = "ty" if hit["code"] else "pyrefly"
        file, place = project.path(hit["file"]), int(hit["line"])
        message = hit["message"] or hit["text"]
        yield Found(hit.index, "type", tool, message, file=file, line=place, code=hit["code"] or hit["name"])
    for good in log.find(GOOD):
        yield Claim(good.index, good.index + 1, "pyrefly", True)
