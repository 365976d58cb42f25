"""Interpreters and tools that crashed: segmentation faults, aborts, fatal Python errors."""

from __future__ import annotations

from collections.abc import Iterator

from bot.logs.findings import Claim, Found
from bot.logs.lines import Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.logs.tracebacks import innermost, make_frame
from bot.model import Frame
from bot.parsers._pytest_parts import begun, interrupted
from bot.registry import parser

FATAL = rx(
    r"(?P<what>Fatal Python error: .*)$|^(?P<other>Windows fatal exception: .*|(?:.*: line \d+: +\d+"
    r" )?(?:Segmentation fault"
    r"|Aborted|Bus error|Illegal instruction|Floating point exception|Trace/breakpoint trap)"
    r"(?: +\(core dumped\).*|\s+\(core dumped\)| {5,}.*|: \d+)?|(?:free|malloc|corrupted|double free)\(?\)?:"
    r" (?:invalid|corrupt|double|unaligned).*|\*\*\* stack smashing detected \*\*\*.*"
    r"|make: \*\*\* \[.*\] (?:Segmentation fault|Aborted).*|thread '.*' panicked at .*"
    r"|dyld(?:\[\d+\])?: (?:Library|Symbol) not (?:loaded|found): .*)$"
)
WORKER = rx(r"^(?:E +)?worker '(?P<worker>\w+)' crashed while running '(?P<id>.+)'$")
DOWN = rx(r"^\[(?P<worker>gw\d+)\] node down: Not properly terminated$")
FAILED = rx(r"^\[(?P<worker>gw\d+)\] (?:\[ *\d+%\] )?FAILED (?P<id>\S.*?) *$")
LOST = "the test worker crashed"
STACK = rx(r"^  File \"(?P<file>[^\"]+)\", line (?P<line>\d{1,9}) in (?P<function>\S+)$")
CURRENT = rx(r"^(?:Current thread|Thread) 0x[0-9a-f]+.*\(most recent call first\):$")


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield the crash with the test that was running, and crashed workers."""
    yield from _workers(log)
    fatal = log.first(FATAL)
    if fatal is None:
        return
    frames = _stack(log, fatal.index, project)
    test_id, file = interrupted(log)
    if not file:
        test_id, file = begun(log.line(fatal.index))
    place = innermost(frames)
    yield Found(
        fatal.index,
        "crash",
        "python",
        fatal["what"] or fatal["other"],
        None,
        test_id,
        place.file if place else file,
        place.line if place else None,
        frames,
        confidence=0.9,
        scope="machine",
    )


def _workers(log: Log) -> Iterator[Found]:
    """A worker that died is told with its test once more at the end; a log cut before that has only its last line."""
    told = list(log.find(WORKER))
    for hit in told:
        yield Found(hit.index, "crash", "pytest", LOST, None, hit["id"], hit["id"].partition("::")[0])
    for down in log.find(DOWN) if not told else ():
        failed = next((h for h in log.find(FAILED, down.index, down.index + 4) if h["worker"] == down["worker"]), None)
        test_id = failed["id"] if failed else None
        file = test_id.partition("::")[0] if test_id else None
        yield Found(down.index, "crash", "pytest", LOST, None, test_id, file)


def _stack(log: Log, start: int, project: Project) -> tuple[Frame, ...]:
    """faulthandler prints the innermost frame first; frames here end with it."""
    current = log.first(CURRENT, start, start + 10)
    if current is None:
        return ()
    frames: list[Frame] = []
    for at in range(current.index + 1, current.index + 120):
        found = STACK.find(log.line(at))
        if found is None:
            break
        frames.append(make_frame(found["file"], found["line"], found["function"], project))
    return tuple(reversed(frames))
