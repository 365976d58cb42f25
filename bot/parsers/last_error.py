"""The last line before an exit that speaks of an error, for tools that no parser knows."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.logs.steps import EXIT
from bot.registry import parser

NEAR = 60
STRONG = rx(
    r"^(?:\S+ )?(?:\[?(?i:error|fatal|failure|critical|exception)\]?:? |(?i:error)\[\w+\]:|(?:ERROR|FATAL|FAILED"
    r"|FAIL)\b|E: |✗|✖|❌|×)"
    r"|^\S[^:]*:\d+(?::\d+)?:? (?:fatal )?error\b|\b[A-Z]\w*(?:Error|Exception): "
)
NOTHING = rx(
    r"^(?:\W*|##\[.*|Run \S.*|shell: .*|\$ .*|(?:travis|section)_\w+:.*"
    r"|Cleaning up project directory and file based variables|Running after_script|\S+ exited with code \d+"
    r"|Uploading artifacts.*)$"
)
STEP_OF_BUILD = rx(r"^ERROR: .*process \".*\" did not complete successfully: exit code: \d+$")
PLACE = rx(r"^(?P<file>[\w./\\-]+\.\w+):(?P<line>\d{1,9})(?::\d+)?:? ")


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield one hint for each exit line that has such a line near before it."""
    for hit in log.find(STEP_OF_BUILD):
        yield from _last_word(log, hit.index, proof=True)
    for hit in log.find(EXIT):
        yield from _last_word(log, hit.index, proof=False)
        near = log.find(STRONG, max(0, hit.index - NEAR), hit.index)
        before = [one for one in near if not STEP_OF_BUILD.find(log.line(one.index))]
        if before:
            index = before[-1].index
            text = log.line(index).strip()
            place = PLACE.find(text)
            yield Found(
                index,
                "none",
                "runner",
                text[:500],
                file=project.path(place["file"]) if place else None,
                line=int(place["line"][:9]) if place else None,
                weight=Weight.HINT,
                confidence=0.3,
                proof=False,
            )


def _last_word(log: Log, end: int, *, proof: bool) -> Iterator[Found]:
    """Some tools tell their error on their last line and call it nothing."""
    at = next((at for at in range(end - 1, max(-1, end - 4), -1) if not _says_nothing(log.line(at))), -1)
    if at >= 0 and at not in log.levels:
        text = log.line(at).strip()[:500]
        yield Found(at, "none", "runner", text, weight=Weight.HINT, confidence=0.22, proof=proof)


def _says_nothing(text: str) -> bool:
    return NOTHING.find(text) is not None or STEP_OF_BUILD.find(text) is not None
