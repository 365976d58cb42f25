"""One failure section of pytest, whatever its style: frames, exception, message and the line it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.logs.paths import is_test
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.logs.tracebacks import CONTEXT, DIRECT, HEAD, Raised, cause, exception_of, innermost, make_frame, read_chain
from bot.model import Frame

E_LINE = rx(r"^E(?:   ?(?P<text>.*))?$")
PLACE = rx(r"^(?P<file>(?:[A-Za-z]:)?[^\s:E][^:]*|E[^\s:][^:]*):(?P<line>\d{1,9}): ?(?P<rest>in .+|[A-Za-z_][\w.]*)?$")
DEF = rx(r"^ +(?:async )?def (?P<name>\w+)\(")
FIXTURE = rx(r"^file (?P<file>.+), line (?P<line>\d{1,9})$")
SYNTAX = rx(r"^E +File \"(?P<file>[^\"]+)\", line (?P<line>\d{1,9})$")
UNEXPECTED = rx(r"^UNEXPECTED EXCEPTION: (?P<name>[A-Za-z_][\w.]*)\((?:['\"](?P<text>.*?)['\"])?(?:, .*)?\)$")
SELF = rx(r"^self = <(?P<dotted>\w+(?:\.\w+)+) testMethod=\w+>$")
STRICT = rx(r"^\[XPASS\(strict\)\] ?(?P<reason>.*)$")


@dataclass(frozen=True)
class Told:
    """What a section tells; `index` is relative to the lines given, -1 when nothing could be read."""

    index: int = -1
    exception: str | None = None
    message: str = ""
    frames: tuple[Frame, ...] = ()
    outer: Frame | None = None
    owner: str = ""

    @property
    def place(self) -> Frame | None:
        """Return the innermost frame of the repository, tests included."""
        return innermost(self.frames)


def read_section(lines: Sequence[str], project: Project) -> Told:
    """Return what the lines of one section tell."""
    read = _parts(lines, project)
    parts = [part for part in read if part.index >= 0]
    if parts:
        chosen = cause(parts)
        frames = chosen.frames if innermost(chosen.frames) else tuple(f for p in parts for f in p.frames)
        shown = _from_example(lines) if chosen.exception == "UnexpectedException" else None
        if shown:
            return Told(shown[0], shown[1], shown[2], frames, _outer(parts), _owner(lines))
        return Told(chosen.index, chosen.exception, chosen.message, frames, _outer(parts), _owner(lines))
    for at, line in enumerate(lines):
        strict = STRICT.find(line)
        if strict is not None:
            return Told(at, "XPASS(strict)", strict["reason"])
        if HEAD.find(line) is not None:
            chain = read_chain(lines, at, project)
            if chain:
                chosen = cause(chain)
                return Told(chosen.index, chosen.exception, chosen.message, chosen.frames, _outer(chain))
    return Told(frames=tuple(frame for part in read for frame in part.frames))


def _from_example(lines: Sequence[str]) -> tuple[int, str, str] | None:
    """Return (index, exception, message) of what an example raised, which doctest shows as the exception's `repr`."""
    for at, line in enumerate(lines):
        found = UNEXPECTED.find(line)
        if found is not None:
            return at, found["name"], found["text"].replace("\\'", "'")
    return None


def _owner(lines: Sequence[str]) -> str:
    """Return the dotted class of the test's own object, which unittest's cases show with its module."""
    return next((found["dotted"] for found in map(SELF.find, lines[:40]) if found), "")


def _outer(chain: Sequence[Raised]) -> Frame | None:
    """Return the frame of the test itself: the first one of the exception that came last."""
    own = [f for f in chain[-1].frames if is_test(f.file)] or [f for f in chain[-1].frames if f.project]
    return own[0] if own else None


def _parts(lines: Sequence[str], project: Project) -> list[Raised]:
    """Read pytest's own style: locations with `E` lines, one part per exception of a chain."""
    parts: list[Raised] = []
    start, link = 0, ""
    for at in range(len(lines) + 1):
        text = lines[at].strip() if at < len(lines) else CONTEXT
        if text not in (DIRECT, CONTEXT):
            continue
        part = _part(lines, start, at, link, project)
        if part is not None:
            parts.append(part)
        start, link = at + 1, "direct" if text == DIRECT else "context"
    return parts


def _part(lines: Sequence[str], start: int, end: int, link: str, project: Project) -> Raised | None:
    frames: list[Frame] = []
    unread: list[Frame] = []
    first, function, named, last_place = -1, "", "", -1
    for at in range(start, end):
        line = lines[at]
        if line.startswith("E"):
            told = E_LINE.find(line)
            broken = SYNTAX.find(line)
            if broken is not None:
                unread.append(make_frame(broken["file"], broken["line"], "", project))
            elif told is not None and first < 0 and told["text"].strip() and not _pointing(lines, start, at):
                first = at
            if told is not None:
                continue
        defined = DEF.find(line)
        if defined is not None:
            function = defined["name"]
            continue
        place = PLACE.find(line) or FIXTURE.find(line)
        if place is None:
            continue
        rest = place.get("rest", "")
        inside = rest[3:] if rest.startswith("in ") else function
        frames.append(make_frame(place["file"], place["line"], inside, project))
        function, last_place = "", at
        if rest and not rest.startswith("in "):
            named = rest
    frames += unread
    index = first if first >= 0 else (last_place if named else -1)
    if index < 0 and not frames:
        return None
    exception, message = _named(lines[index], named) if first >= 0 else (named or None, "")
    message = message or _next_text(lines, index, end)
    return Raised(start, end, index, exception, message, tuple(frames), link)


def _next_text(lines: Sequence[str], index: int, end: int) -> str:
    """An exception whose message starts with a line break tells it on the `E` lines below."""
    for at in range(index + 1, min(end, index + 4)):
        told = E_LINE.find(lines[at])
        if told is None:
            return ""
        if told["text"].strip():
            return told["text"].strip()
    return ""


def _pointing(lines: Sequence[str], start: int, at: int) -> bool:
    """Return whether an `E` line shows source below the `File` line of a syntax error, whose name comes last."""
    for before in range(at - 1, max(start, at - 4), -1):
        if SYNTAX.find(lines[before]):
            return exception_of(lines[at][1:])[0] is None
        if not lines[before].startswith("E"):
            return False
    return False


def _named(line: str, at_place: str) -> tuple[str | None, str]:
    """Return exception and message of an `E` line; the location line names the type when the `E` line does not."""
    text = line[1:].strip()
    if text.startswith("assert ") or text == "assert":
        return at_place or "AssertionError", text
    if at_place:
        name, _, rest = text.partition(": ")
        if name.rpartition(".")[2] == at_place.rpartition(".")[2]:
            return name, rest
    exception, message = exception_of(text)
    if at_place and exception is not None and exception.rpartition(".")[2] != at_place.rpartition(".")[2]:
        return at_place, text
    if exception is None or (not at_place and " " in text and ":" not in text):
        return (at_place or None), text
    return exception, message
