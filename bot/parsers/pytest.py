"""pytest: failing tests, setup and collection errors, in all its report styles.

Reads sections, summary and progress lines of verbose, quiet and parallel runs; ids are as pytest prints them,
without the worker's prefix. A section's `E` line is the line a failure rests on, else its location, else the
summary line.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.logs.causes import NETWORK_TEXT, classify
from bot.logs.findings import Claim, Found, Weight
from bot.logs.lines import Hit, Log
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.logs.tracebacks import exception_of, make_frame
from bot.model import FailureClass
from bot.parsers._pytest_parts import (
    BANNER,
    IMPORTING,
    OWN_BANNER,
    PROGRESS,
    RULED,
    START,
    SUMMARY,
    SUMMARY_TITLE,
    Section,
    Session,
    as_id,
    ends,
    plain_lines,
    sections,
    sessions,
    split_summary,
)
from bot.parsers._pytest_tracebacks import Told, read_section
from bot.registry import parser

COLLECTING = rx(r"^(?:ERROR collecting|ERROR at collecting) (?P<path>.+)$")
PHASE = rx(r"^ERROR at (?P<phase>setup|teardown) of (?P<name>.+)$")
MISMATCH = rx(r"^import file mismatch:$")
NOTHING = rx(r"^(?:Error: )?Process completed with exit code 5\.?$")
NO_PATH = rx(r"^ERROR: (?P<message>(?:file or directory )?not found: .+)$")
DESELECTED = rx(r"^\d+ deselected$")
SUBTESTS = rx(r"^contains \d+ failed subtests?$")
TEST_LINE = rx(r"^(?P<file>\S.*\.py)(?:::|$)")


SHORTEST = 8  # characters of an exception's name that was cut
MOST_MESSAGES = 100  # different ones of a summary, looked through for the rest of one that was cut
MOST_BELOW = 4  # lines of a message that goes on below its summary line


@dataclass(frozen=True)
class Line:
    """A summary or progress line: its test id and its message."""

    index: int
    test_id: str
    message: str
    word: str


@parser(reads="log")
def parse(log: Log, project: Project) -> Iterator[Found | Claim]:
    """Yield each session as a claim, and its failing tests and errors."""
    for session in sessions(log):
        found = list(_session(log, session, project))
        if _shown(log, session):
            ok = session.ok if session.final >= 0 else None
            yield Claim(session.start, session.end, "pytest", ok)
            yield from found
        else:
            yield from (replace(one, weight=Weight.HINT, confidence=0.7) for one in found)


NO_OPTION = rx(r"^ERROR: (?P<message>Unknown config option: \w+)$")  # what --strict-config refuses


def _nothing(log: Log, session: Session) -> Found:
    path = log.first(NO_PATH, session.final, session.final + 12)
    path = path or log.first(NO_OPTION, session.final, session.final + 12)
    gone = path or log.first(NOTHING, session.final, session.final + 12)
    message = path["message"] if path else session.counts
    return Found(gone.index if gone else session.final, "no-tests-collected", "pytest", message, scope="all")


def _shown(log: Log, session: Session) -> bool:
    """Return whether a run is there for sure: its start, its end, the rule over a part, or a line of its summary."""
    if session.final >= 0 or any(log.first(p, session.start, session.end) for p in (START, OWN_BANNER, RULED)):
        return True
    return any("::" in hit["rest"] for hit in log.find(SUMMARY, session.start, session.end))


def _session(log: Log, session: Session, project: Project) -> Iterator[Found]:
    parts = list(sections(log, session))
    summary = [h.index for h in log.find(BANNER, session.start, session.end) if h["title"] == SUMMARY_TITLE]
    named = _lines(
        log, summary[-1] if summary else session.start, session, frozenset(as_id(_bare(p.name)[1]) for p in parts)
    )
    by_end = _by_end(named)
    repeated = {test_id for test_id, count in Counter(line.test_id for line in named).items() if count > 1}
    used: set[int] = set()
    told = 0
    for part in sorted(parts, key=lambda one: not one.name):
        line = _line_of(part, named, by_end, used) if part.name else _line_in(log, part, named, used, project)
        if (line is None and summary and named) or (line is not None and _sums_up(line, repeated)):
            continue
        for found in _from_section(log, part, line, project):
            told += 1
            yield found
    left = [line for at, line in enumerate(named) if at not in used and not _sums_up(line, repeated)]
    placed = _placed(left, list(plain_lines(log, session)))
    messages = tuple(dict.fromkeys(line.message for line in named))[:MOST_MESSAGES]
    for line in left:
        told += 1
        one = _from_line(line, placed.get(line), project)
        yield replace(one, klass=_network(log, line, messages)) if one.klass == "test-failure" else one
    if session.counts.startswith("no tests") or DESELECTED.find(session.counts):
        yield _nothing(log, session)
    elif session.ok is False and not told:
        yield Found(session.final, "test-failure", "pytest", session.counts, weight=Weight.HINT)


def _lines(log: Log, start: int, session: Session, names: Container[str]) -> list[Line]:
    """Return the summary's lines from `start`, or the progress lines when there is no summary; each id once."""
    found: dict[str, Line] = {}
    for hit in log.find(SUMMARY, start, session.end):
        test_id, message = split_summary(hit["rest"], names)
        if TEST_LINE.find(test_id) or "::" in test_id:
            found.setdefault(test_id + hit["word"], Line(hit.index, test_id, message, hit["word"]))
    if not found:
        for hit in log.find(PROGRESS, session.start, session.end):
            test_id, _, _ = (hit["worker_id"] or hit["id"]).partition(" <- ")  # where the function was made
            found.setdefault(test_id, Line(hit.index, test_id, "", hit["word"] or hit["word2"]))
    return list(found.values())


def _network(log: Log, line: Line, messages: Sequence[str]) -> FailureClass:
    """Return the network's class where a line that was cut begins like one that tells it, or goes on below with it."""
    start = line.message.removesuffix("...")
    cut = start != line.message and len(start) >= SHORTEST
    told = [_summarised(text) for text in messages if cut and text.startswith(start)]
    classes = [classify(name or "", text) for name, text in told]
    library = "." in (_summarised(line.message)[0] or "")
    below = [log.line(at) for at in range(line.index + 1, line.index + MOST_BELOW) if library]
    goes_on = any(NETWORK_TEXT.find(text) for text in below if SUMMARY.find(text) is None)
    return "network-flake" if goes_on or "network-flake" in classes else "test-failure"


def _sums_up(line: Line, repeated: Container[str]) -> bool:
    """Return whether a line only counts subtests that failed and are told themselves."""
    return line.test_id in repeated and SUBTESTS.find(line.message) is not None


def _placed(lines: list[Line], places: list[tuple[int, Hit]]) -> dict[Line, tuple[int, Hit]]:
    """Both come in the order of the tests; a summary line may have no place, and its message may be cut."""
    placed: dict[Line, tuple[int, Hit]] = {}
    for line in lines:
        start = line.message.removesuffix("...")[:60]
        if places and start and places[0][1]["text"].startswith(start):
            placed[line] = places.pop(0)
    return placed


def _bare(header: str) -> tuple[str, str]:
    """Return (phase, name) of a section header."""
    collecting = COLLECTING.find(header)
    if collecting is not None:
        return "collecting", collecting["path"]
    phase = PHASE.find(header)
    return (phase["phase"], phase["name"]) if phase else ("call", header)


def _by_end(lines: Sequence[Line]) -> dict[str, deque[int]]:
    """Return the places of the lines whose id is, or ends after a `::` with, each text."""
    found: dict[str, deque[int]] = {}
    for at, line in enumerate(lines):
        for end in (line.test_id, *ends(line.test_id)):
            found.setdefault(end, deque()).append(at)
    return found


def _line_of(part: Section, lines: Sequence[Line], by_end: dict[str, deque[int]], used: set[int]) -> Line | None:
    """Return the first line that is for a section and not used yet."""
    phase, name = _bare(part.name)
    bare = name.removeprefix("[doctest] ")
    for end in (name,) if phase == "collecting" else (as_id(bare), bare):
        places = by_end.get(end, deque())
        while places and places[0] in used:
            places.popleft()
        if places:
            used.add(places[0])
            return lines[places[0]]
    return None


def _line_in(log: Log, part: Section, lines: Sequence[Line], used: set[int], project: Project) -> Line | None:
    """A section that lost its header belongs to the first line left whose file is in its frames."""
    told = read_section(log.lines(part.start + 1, part.body_end), project)
    files = {frame.file for frame in told.frames}
    for at, line in enumerate(lines):
        if at not in used and project.path(line.test_id.partition("::")[0]) in files:
            used.add(at)
            return line
    return None


def _from_section(log: Log, part: Section, line: Line | None, project: Project) -> Iterator[Found]:
    phase, name = _bare(part.name)
    body = log.lines(part.start + 1, part.body_end)
    told = read_section(body, project)
    if not name and told.index < 0:
        return
    if not name:
        phase, name = _cut_head(body, told) or (phase, name)
    if phase == "collecting":
        yield _collection(part, name, told, body, project)
        return
    place = told.place
    test_id = line.test_id if line else _guess_id(name, told)
    index = part.start + 1 + told.index if told.index >= 0 else (line.index if line else part.start)
    exception, message = told.exception, told.message
    if told.index < 0 and line:
        exception, message = _summarised(_whole(line.message, body))
    yield Found(
        index,
        classify(exception or "", message, own=project.own, frames=told.frames),
        "pytest",
        message,
        exception,
        test_id,
        place.file if place else _file_of(test_id, project),
        place.line if place else None,
        told.frames,
        details={"phase": phase} if phase != "call" else {},
        span=(part.start, part.end),
    )


def _cut_head(body: Sequence[str], told: Told) -> tuple[str, str] | None:
    """Return (phase, module) of a section without a header that a module's import failed in, else None."""
    module = next((found["path"] for found in map(IMPORTING.find, body) if found), "")
    if not module and told.frames and told.frames[-1].function == "<module>":
        module = next((frame.file for frame in told.frames if frame.project), told.frames[0].file)
    return ("collecting", module) if module else None


def _whole(summary: str, body: list[str]) -> str:
    """Return a summary whose end was cut off with the rest of the line that the section shows."""
    if not summary.endswith("..."):
        return summary
    start = summary.removesuffix("...")
    for line in body:
        shown = line.strip()
        at = start.find(shown[:20]) if len(shown) > 20 else -1
        if at >= 0 and shown.startswith(start[at:]):
            return start[:at] + shown
    return summary


def _collection(part: Section, path: str, told: Told, body: list[str], project: Project) -> Found:
    """A module that cannot be imported is told at the test module's own frame."""
    file = project.path(path)
    own = next((f for f in told.frames if file == f.file or file.endswith("/" + f.file)), told.place)
    index, exception, message = told.index, told.exception, told.message
    if index < 0:
        index = next((i for i, text in enumerate(body) if IMPORTING.find(text) or MISMATCH.find(text)), -1)
        if index < 0:  # what the collection itself has to say stands there without a mark
            index = next((i for i in range(len(body) - 1, -1, -1) if body[i].strip()), -1)
        exception, message = "ImportError", body[index] if index >= 0 else ""
    return Found(
        part.start + 1 + index,
        classify(exception or "", message, own=project.own, loading=True),
        "pytest",
        message,
        exception,
        None,
        own.file if own else file,
        own.line if own else None,
        told.frames,
        details={"phase": "collection", "module": file},
        span=(part.start, part.end),
    )


def _guess_id(name: str, told: Told) -> str | None:
    """Without a summary the module of the test's own object, or the file of its frame, starts the id."""
    end = as_id(name.removeprefix("[doctest] ")) if not name.startswith("[doctest] ") else name[10:]
    classes = name.partition("[")[0].rpartition(".")[0]
    if told.owner.endswith("." + classes) and classes:
        return f"{told.owner.removesuffix('.' + classes).replace('.', '/')}.py::{end}"
    return f"{told.outer.file}::{end}" if told.outer and name else None


def _file_of(test_id: str | None, project: Project) -> str | None:
    return project.path(test_id.partition("::")[0]) if test_id else None


def _summarised(message: str) -> tuple[str | None, str]:
    if message.startswith("assert "):
        return "AssertionError", message
    return exception_of(message)


def _from_line(line: Line, place: tuple[int, Hit] | None, project: Project) -> Found:
    """A summary line alone tells the id and a shortened message; the style of one line a failure adds the place."""
    exception, message = _summarised(place[1]["text"] if place else line.message)
    file = line.test_id.partition("::")[0]
    is_module = "::" not in line.test_id
    frame = make_frame(place[1]["file"], place[1]["line"], "", project) if place else None
    frames = (frame,) if frame else ()
    return Found(
        place[0] if place else line.index,
        classify(exception or "", message, own=project.own, loading=is_module, frames=frames),
        "pytest",
        message,
        exception,
        None if is_module else line.test_id,
        frame.file if frame and frame.project else project.path(file),
        frame.line if frame and frame.project else None,
        frames,
        details={"phase": "collection", "module": project.path(file)} if is_module else {},
    )
