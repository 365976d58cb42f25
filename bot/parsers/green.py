"""green: failing tests, each with its traceback below, which has no head."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.causes import classify
from bot.logs.findings import Claim, Found
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.logs.tracebacks import FRAME, cause, innermost, read_chain
from bot.registry import parser

HEAD = rx(r"^(?:Failure|Error) in (?P<id>[A-Za-z_]\w*(?:\.\w+)+)(?: [\[(].*)?$")
LONGEST = 400  # lines of a traceback


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield each failing test."""
    for head in log.find(HEAD):
        lines = log.lines(head.index + 1, head.index + LONGEST)
        chain = read_chain(lines, 0, project) if lines and FRAME.find(lines[0]) else ()
        if chain:
            chosen = cause(chain)
            place = innermost(chosen.frames)
            yield Found(
                head.index + 1 + chosen.index,
                classify(chosen.exception or "", chosen.message, own=project.own),
                "green",
                chosen.message,
                chosen.exception,
                head["id"],
                place.file if place else None,
                place.line if place else None,
                chosen.frames,
            )
