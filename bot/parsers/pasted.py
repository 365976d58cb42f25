"""A part of a log that somebody pasted: the error it shows, where nothing tells how the run ended."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.causes import NETWORK_TEXT, classify
from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Hit, Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.logs.steps import EXIT, ended, finished
from bot.logs.tracebacks import exception_of
from bot.model import FailureClass
from bot.registry import parser

MOST_LINES = 200  # a longer part shows more than one error, and how it ended
RAISED = rx(r"^ {0,8}(?P<exception>(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception)): (?P<message>\S.*)$")
SAID = rx(r"^ {0,8}(?P<message>(?:Error|ERROR|error|FATAL|Fatal error|fatal): \S.*)$")
FAILED = rx(r"^ {0,4}(?P<message>(?:Fail(?:ed|ing|ure)|FAILED|FAILURE)\b.*)$")
MARKED = rx(r"^(?P<message>\S.*\[FAIL(?:ED)?\].*)$")
HEAD = rx(r"(?P<message>Traceback \(most recent call last\):)$")
DOTS = rx(r"^(?P<message>(?:\S+\.py )?[.sxX]*[FE][.FEsxXR]* +\[ *\d+%\])$")
WELL = rx(
    r"(?i)\bsuccess(?:ful(?:ly)?)?\b|\bsucceeded\b|\bpassed\b|^ok\b|\b0 (?:errors?|failed|failures)\b|up[- ]to[-"
    r" ]date|\ball done\b"
)


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield one hint: an exception before an error, an error before a failure that is only said."""
    if len(log) > MOST_LINES or ended(log) is not None or finished(log) or log.first(EXIT) is not None:
        return
    if "group" in log.levels.values() or log.first(WELL) is not None:
        return
    hit = _first(log)
    if hit is not None:
        exception, message = hit.groups.get("exception") or None, hit["message"]
        yield Found(
            hit.index,
            "test-failure" if DOTS.find(message) else _klass(exception or "", message, project),
            "runner",
            message[:500],
            exception,
            weight=Weight.HINT,
            confidence=0.25 if log.first(MARKED) is None else 0.42,  # as sure as of the traceback itself
        )


def _first(log: Log) -> Hit | None:
    head = log.first(HEAD)
    if head is None:
        return log.first(RAISED) or log.first(SAID) or log.first(DOTS) or log.first(FAILED)
    whole = any(exception_of(text)[0] for text in log.lines(head.index + 1) if text[:1].strip())
    if whole:  # it has a parser of its own, but nothing proves that it was not caught
        return log.first(RAISED, head.index) if log.first(MARKED) is not None else None
    return log.first(SAID) or head


def _klass(exception: str, message: str, project: Project) -> FailureClass:
    klass = classify(exception, message, own=project.own) if exception else "none"
    if klass in ("none", "test-failure"):
        return "network-flake" if NETWORK_TEXT.find(message) else "none"
    return klass
