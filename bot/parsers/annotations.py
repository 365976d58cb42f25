"""Error annotations of actions and workflow commands, for a failure that nothing else explains."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.logs.steps import EXIT, STOPPED
from bot.parsers._rules import place_in
from bot.registry import parser

COMMAND = rx(r"^::error(?: (?P<properties>[^:]*(?::[^:]+)*?))?::")
FILE = rx(r"(?:^|,)file=(?P<file>[^,]+)")
LINE = rx(r"(?:^|,)line=(?P<line>\d{1,9})")
FOLLOWING = 3  # lines after an annotation, on which another one only follows from it
INSIDE = rx(
    r"^[^\"'`]*[^\s\"'`][^\"'`]*?(?:::error::|##\[error\])(?P<message>\S.*)$"
)  # behind a line that had not ended
PASTED = rx(r"^Error: (?P<message>\S.*)$")


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield annotations as hints: with file and line where the command carries them."""
    before = -FOLLOWING
    for index, level in log.levels.items():
        if level == "error" and not EXIT.find(log.line(index)) and not STOPPED.find(log.line(index)):
            follows, before = index - before < FOLLOWING, index
            command = COMMAND.find(log.shown(index))
            properties = command["properties"] if command else ""
            file, number = FILE.find(properties), LINE.find(properties)
            given = project.path(file["file"]) if file else None
            text = log.line(index).strip()
            place = (given, int(number["line"][:9]) if number else None) if given else place_in(text, project)
            hint = _hint(index, text, place, proof=_ends(log, index))
            yield replace(hint, confidence=0.38) if follows else hint
    for hit in (*log.find(PASTED), *log.find(INSIDE)):
        if not EXIT.find(log.line(hit.index)) and hit.index not in log.levels:
            place = place_in(hit["message"], project)
            yield _hint(hit.index, hit["message"], place, proof=_ends(log, hit.index))


def _ends(log: Log, index: int) -> bool:
    """Return whether a log, perhaps a part of one, ends with the error: what failed is told last."""
    return not any(log.line(at).strip() for at in range(index + 1, min(len(log), index + 200)))


def _hint(index: int, message: str, place: tuple[str | None, int | None], *, proof: bool) -> Found:
    file, line = place
    told = message[:500]
    return Found(index, "none", "runner", told, file=file, line=line, confidence=0.4, weight=Weight.HINT, proof=proof)
