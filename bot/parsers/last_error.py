"""The last line before an exit that speaks of an error, for tools that no parser knows."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import replace

from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.logs.steps import EXIT
from bot.parsers._rules import ERROR_LINE, place_in
from bot.registry import parser

NEAR = 60
NOTHING = rx(
    r"^(?:\W*|##\[.*|Run \S.*|shell: .*|\$ .*|(?:travis|section)_\w+:.*"
    r"|Cleaning up project directory and file based variables|Running after_script|\S+ exited with code \d+"
    r"|Uploading artifacts.*"
    r"|(?i:(?:see|documentation|docs|hint|note|help|tip|usage|for (?:more|further) \w+|more \w+|read more|learn more"
    r"|please (?:see|visit|refer|report)|try|visit)\b.{0,40}(?:https?://|--help).*)|\s*https?://\S+"
    r"|.*\b[A-Z]\w*Warning: .*|[A-Z][^:]*\.\.\.)$"
)
WARNED = rx(r"\b[A-Z]\w*Warning: ")
STEP_OF_BUILD = rx(r"^ERROR: .*process \".*\" did not complete successfully: exit code: \d+$")


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield one hint for each exit line that has such a line near before it."""
    for hit in log.find(STEP_OF_BUILD):
        yield from _last_word(log, hit.index, proof=True, project=project)
    for hit in log.find(EXIT):
        yield from _last_word(log, hit.index, proof=False, project=project)
        near = log.find(ERROR_LINE, max(0, hit.index - NEAR), hit.index)
        before = [one for one in near if not STEP_OF_BUILD.find(log.line(one.index))]
        if before:
            index = _first_of_block(log, before[-1].index, {one.index for one in before})
            text = log.line(index).strip()
            yield replace(_hint(index, text, project), confidence=0.3, proof=False)


def _first_of_block(log: Log, index: int, errors: Container[int]) -> int:
    """Errors on lines one below the other that begin alike are told as one: the first of them is what went wrong."""
    begins = log.line(index).split(" ", 1)[0]
    while index - 1 in errors and log.line(index - 1).split(" ", 1)[0] == begins:
        index -= 1
    return index


def _last_word(log: Log, end: int, *, proof: bool, project: Project) -> Iterator[Found]:
    """Some tools tell their error on their last line and call it nothing."""
    at = next((at for at in range(end - 1, max(-1, end - 4), -1) if not _says_nothing(log, at)), -1)
    if at >= 0 and at not in log.levels:
        yield replace(_hint(at, log.line(at).strip(), project), confidence=0.22, proof=proof)


def _hint(index: int, text: str, project: Project) -> Found:
    file, line = place_in(text, project)
    return Found(index, "none", "runner", text[:500], file=file, line=line, weight=Weight.HINT)


def _says_nothing(log: Log, at: int) -> bool:
    """Return whether a line tells no error: it points elsewhere, or is a warning or the source line below one."""
    text = log.line(at)
    if NOTHING.find(text) is not None or STEP_OF_BUILD.find(text) is not None:
        return True
    return text[:1] == " " and WARNED.find(log.line(at - 1)) is not None
