"""Error annotations of actions and workflow commands, for a failure that nothing else explains."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.logs.steps import EXIT
from bot.registry import parser

COMMAND = rx(r"^::error(?: (?P<properties>[^:]*(?::[^:]+)*?))?::")
FILE = rx(r"(?:^|,)file=(?P<file>[^,]+)")
LINE = rx(r"(?:^|,)line=(?P<line>\d{1,9})")
FOLLOWING = 3  # lines after an annotation, on which another one only follows from it
PASTED = rx(r"^Error: (?P<message>\S.*)$")


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield annotations as hints: with file and line where the command carries them."""
    before = -FOLLOWING
    for index, level in log.levels.items():
        if level == "error" and not EXIT.find(log.line(index)):
            follows, before = index - before < FOLLOWING, index
            command = COMMAND.find(log.shown(index))
            properties = command["properties"] if command else ""
            file, number = FILE.find(properties), LINE.find(properties)
            hint = _hint(
                index,
                log.line(index).strip(),
                project.path(file["file"]) if file else None,
                int(number["line"][:9]) if number else None,
                proof=_ends(log, index),
            )
            yield replace(hint, confidence=0.38) if follows else hint
    for hit in log.find(PASTED):
        if not EXIT.find(log.line(hit.index)) and hit.index not in log.levels:
            yield _hint(hit.index, hit["message"], proof=_ends(log, hit.index))


def _ends(log: Log, index: int) -> bool:
    """Return whether a log, perhaps a part of one, ends with the error: what failed is told last."""
    return not any(log.line(at).strip() for at in range(index + 1, min(len(log), index + 200)))


def _hint(index: int, message: str, file: str | None = None, line: int | None = None, *, proof: bool) -> Found:
    told = message[:500]
    return Found(index, "none", "runner", told, file=file, line=line, confidence=0.4, weight=Weight.HINT, proof=proof)
