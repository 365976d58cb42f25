"""Python tracebacks of scripts and tools that died, outside of any test runner."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.logs.causes import classify
from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Hit, Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.logs.steps import AFTER as CLEANING
from bot.logs.steps import EXIT
from bot.logs.tracebacks import CONTEXT, DIRECT, FRAME, HEAD, cause, innermost, read_chain
from bot.parsers._rules import ERROR_LINE
from bot.registry import parser

WRAPPER = rx(
    r"(?:^|\.)(?:CalledProcessError|SystemExit|UnexpectedExit|CommandFailed)$|^Cython\.Compiler\.Errors\.CompileError$"
)
BUILDERS = rx(
    r"/(?:hatchling|setuptools|validate_pyproject|flit_core|poetry/core|pdm/backend|scikit_build_core|mesonpy|maturin|twine|build|Cython"
    r"|pip/_internal/(?:pyproject|req|metadata|operations/build))(?:/|\.py$)"
)
PIP = rx(r"^pip\._internal\.exceptions\.")
NOTEBOOK = rx(r"(?:^|\.)(?:Papermill|Cell|DeadKernel)\w*Error$")
MOST = 200  # tracebacks read at each end of a log
RAISED = rx(r"^(?P<type>(?:[A-Za-z_]\w*\.)*[A-Z]\w*Error): (?P<message>.*)$")
SYNTAX_ERROR = rx(r"^(?:SyntaxError|IndentationError|TabError)$")
QUOTED = "    "  # so far a program sets in the traceback of another
LAST = 3  # lines that a message at the end of a log may go on for
IGNORED = rx(r"^(?:Exception ignored (?:in|on|while)\b.*|Exception in thread .*)$")  # the run goes on
LONGEST = 200  # lines of a traceback
RECORD = rx(r"(?:^|[\s\[|:(])(?:CRITICAL|ERROR|EXCEPTION|WARNING|WARN|INFO|DEBUG|critical|error|warning)\b")
NEAR = 60  # lines above the exit in which a program tells why it ends
AFTER = rx(
    r"^\s*$|^(?:make(?:\[\d+\])?: \*\*\*|ERROR: InvocationError|nox > |Post |Cleaning up|##|\S+: (?:exit|FAIL)|=+"
    r"|_+|error: subprocess|\S.*\.{3,}(?:\([^)]*\))?(?:Passed|Failed|Skipped)$)"
)


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield the tracebacks; one with other output after it is only a hint, for it may have been caught."""
    yield from _bare(log, project)
    last = -1
    heads = list(log.find(HEAD))
    for hit in heads if len(heads) <= 2 * MOST else [*heads[:MOST], *heads[-MOST:]]:
        if hit.index <= last:
            continue
        lines = log.lines(hit.index, min(len(log), hit.index + 5000))
        chain = read_chain(lines, 0, project)
        if not chain:
            continue
        last = hit.index + chain[-1].end - 1
        chosen = cause(chain)
        inner = _of_notebook(log, last + 1) if NOTEBOOK.find(chosen.exception or "") and not chosen.message else None
        if inner is not None:
            said = replace(chosen, index=inner.index - hit.index, exception=inner["type"], message=inner["message"])
            chosen, last = said, inner.index
        place = innermost(chosen.frames) or innermost(f for part in chain for f in part.frames)
        outlived = _outlived(log, hit.index, last + 1)
        dead = (
            not outlived
            and _ends_here(log, last + 1, quoted=log.line(hit.index + chosen.index).startswith(QUOTED))
            and IGNORED.find(log.line(hit.index - 1)) is None
            and WRAPPER.find(chosen.exception or "") is None
        )
        klass = classify(chosen.exception or "", chosen.message, own=project.own)
        if klass == "test-failure":
            built = PIP.find(chosen.exception or "") or any(
                BUILDERS.find(f.file) for part in chain for f in part.frames
            )
            klass = "packaging" if built else "crash"
        yield Found(
            hit.index + chosen.index,
            klass,
            "python",
            chosen.message,
            chosen.exception,
            None,
            place.file if place else None,
            place.line if place else None,
            chosen.frames,
            weight=Weight.CAUSE if dead else Weight.HINT,
            confidence=0.8 if dead else 0.25 if outlived else 0.4,
            span=(hit.index, last + 1),
            proof=dead,
        )


def _of_notebook(log: Log, start: int) -> Hit | None:
    """Return the last exception in the traceback of a cell, which the error of its runner shows as its message."""
    return next(reversed(list(log.find(RAISED, start, start + LONGEST))), None)


def _outlived(log: Log, start: int, end: int) -> bool:
    """Return whether a traceback is a logger's record, after which the program went on to tell another error."""
    if RECORD.find(log.line(start - 1)) is None or not log.line(end).strip() or ERROR_LINE.find(log.line(end)):
        return False
    stop = log.first(EXIT, end)
    return stop is not None and log.first(ERROR_LINE, max(end, stop.index - NEAR), stop.index) is not None


def _bare(log: Log, project: Project) -> Iterator[Found]:
    """A script that does not compile prints the place and the error without a traceback's head; a cut log may too."""
    for hit in log.find(RAISED):
        above = [log.line(at) for at in range(hit.index - 1, max(-1, hit.index - 5), -1)]
        place = next((found for found in map(FRAME.find, above) if found), None)
        if place is None or (not place["function"] and not SYNTAX_ERROR.find(hit["type"])):
            continue
        if place["function"] and _headed(log, hit.index):
            continue
        yield Found(
            hit.index,
            classify(hit["type"], hit["message"], own=project.own) if place["function"] else "syntax-error",
            "python",
            hit["message"],
            hit["type"],
            file=project.path(place["file"]) if not place["file"].startswith("<") else None,
            line=int(place["line"]),
            weight=Weight.HINT,
            confidence=0.8,
            proof=_ends_here(log, hit.index + 1),
        )


def _headed(log: Log, index: int) -> bool:
    """Return whether a traceback's head stands above the error, so that it is read from there."""
    return log.first(HEAD, max(0, index - LONGEST), index) is not None


def _goes_on(text: str, *, quoted: bool) -> bool:
    return bool(text.strip()) and (text.startswith(QUOTED) or not quoted)


def _ends_here(log: Log, index: int, *, quoted: bool = False) -> bool:
    """Return whether nothing but the rest of the message and exit messages follow."""
    if len(log) - index <= LAST and all(_goes_on(log.line(at), quoted=quoted) for at in range(index, len(log))):
        return True
    if log.line(index + 1) in (DIRECT, CONTEXT) and log.first(RAISED, index + 2) is None:
        return True  # the log is cut in what this was the cause of
    for at in range(index, min(index + 6, len(log))):
        text = log.line(at)
        if EXIT.find(text) or CLEANING.find(text):
            return True
        if not AFTER.find(text):
            return False
    return True
