"""Python tracebacks in cleaned lines: frames, exception, message, and which of a chain is the cause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.logs.paths import is_library
from bot.logs.patterns import rx
from bot.logs.project import Project
from bot.model import Frame

HEAD = rx(r"^(?P<indent>[ \t|+]*|E[ \t|+]*)(?:\S.*)?Traceback \(most recent call last\):[ \t]*$")
FRAME = rx(r"^(?P<indent>[ \t|E]*)File \"(?P<file>[^\"]+)\", line (?P<line>\d{1,9})(?:, in (?P<function>.+))?$")
SYNTAX_FRAME = rx(r"^  File \"[^\"]+\", line \d+$")
RAISED = rx(
    r"^(?P<type>(?:[A-Za-z_]\w*\.)*(?:[A-Z]\w*|\w+(?:[Ee]rror|[Ee]xception|timeout)|timeout)(?:\(strict\))?)(?::"
    r" ?(?P<message>.*))?$"
)
LONGEST = 30  # lines of a message
DIRECT = "The above exception was the direct cause of the following exception:"
CONTEXT = "During handling of the above exception, another exception occurred:"


@dataclass(frozen=True)
class Raised:
    """One traceback: the lines it stands on (`start` to before `end`), its frames, and what was raised on `index`.

    `link` says how it follows the one before it: `direct`, `context`, or empty for the first.
    """

    start: int
    end: int
    index: int
    exception: str | None
    message: str
    frames: tuple[Frame, ...] = ()
    link: str = ""


def exception_of(text: str) -> tuple[str | None, str]:
    """Return (exception, message) of a line like `pkg.Error: text`; the exception is None when there is none."""
    found = RAISED.find(text.strip())
    return (found["type"], found["message"]) if found else (None, text.strip())


def read_chain(lines: Sequence[str], start: int, project: Project) -> tuple[Raised, ...]:
    """Return the tracebacks of the chain whose first `Traceback` line is at `start`, in printed order."""
    chain: list[Raised] = []
    at, link = start, ""
    while True:
        one = _read(lines, at, project, link)
        if one is None:
            return tuple(chain)
        chain.append(one)
        following = _skip_blank(lines, _message_end(lines, one.end))
        text = lines[following].strip(" |+E") if following < len(lines) else ""
        if text not in (DIRECT, CONTEXT):
            return tuple(chain)
        link = "direct" if text == DIRECT else "context"
        at = _skip_blank(lines, following + 1)
        if at >= len(lines) or HEAD.find(lines[at]) is None:
            return tuple(chain)


def _message_end(lines: Sequence[str], start: int) -> int:
    """Return where the message of an exception ends that goes on below its line and is followed by another one."""
    for at in range(start, min(len(lines), start + LONGEST)):
        text = lines[at].strip(" |+E")
        if text in (DIRECT, CONTEXT):
            return at
        if HEAD.find(lines[at]) is not None:
            break
    return start


def _skip_blank(lines: Sequence[str], at: int) -> int:
    while at < len(lines) and at >= 0 and not lines[at].strip(" |E"):
        at += 1
    return at


def _read(lines: Sequence[str], start: int, project: Project, link: str) -> Raised | None:
    """Read one traceback: indented frames and source lines, ended by a line at the head's own indentation.

    testtools puts blank lines between the frames, and the source below a frame at that indentation too.
    """
    head = HEAD.find(lines[start])
    margin = len(head["indent"]) if head else 0
    frames: list[Frame] = []
    spaced = start + 1 < len(lines) and not lines[start + 1].strip()
    for at in range(start + 1 if head else start, min(len(lines), start + 2000)):
        line = lines[at]
        frame = FRAME.find(line)
        if frame is not None:
            margin = max(0, len(frame["indent"]) - 2)
            frames.append(make_frame(frame["file"], frame["line"], frame["function"], project))
            continue
        if line[:margin].strip(" \t|+E"):
            return None  # the text around it went on: this traceback was cut
        body = line[margin:] if len(line) > margin else ""
        if body.strip("([ ])") == "..." or (spaced and _below_frame(lines, at)):
            continue
        if body and not body[0].isspace():
            exception, message = exception_of(body)
            return Raised(start, at + 1, at, exception, message, tuple(frames), link)
    return None


def _below_frame(lines: Sequence[str], at: int) -> bool:
    """Return whether the line before, blank ones passed over, is a frame."""
    above = at - 1 if lines[at - 1].strip() or at < 2 else at - 2
    return FRAME.find(lines[above]) is not None


def make_frame(file: str, line: str, function: str, project: Project) -> Frame:
    """Return a frame with its path relative to the repository and `project` set when it is not library code."""
    return Frame(file=project.path(file), line=int(line[:9] or 0), function=function, project=not is_library(file))


def cause(chain: Sequence[Raised]) -> Raised:
    """Return the member of a chain that is the cause.

    `raise X from e` names its cause. An exception raised while another was handled is the cause itself, unless it
    speaks of the earlier one: then it is an accident of the handling.
    """
    best = chain[-1]
    for later, earlier in zip(reversed(chain[1:]), reversed(chain[:-1]), strict=True):
        if later is not best:
            break
        if later.link == "direct" or _speaks_of(later.message, earlier):
            best = earlier
    return best


def _speaks_of(message: str, earlier: Raised) -> bool:
    short = (earlier.exception or "").rpartition(".")[2]
    text = earlier.message.strip()
    return (len(short) > 3 and short in message) or (len(text) > 8 and text in message)


def innermost(frames: Iterable[Frame]) -> Frame | None:
    """Return the innermost frame of the repository's own code, tests included, or None."""
    own = [frame for frame in frames if frame.project]
    return own[-1] if own else None
