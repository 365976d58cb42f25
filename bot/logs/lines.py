"""A log as lines: cleaned text to read, the raw line and its number to show."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from bot.logs.patterns import Groups, Held, Rx, rx

ANSI = rx(r"\x1b(?:\[[0-9;:?<=>]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[ -/]*[0-~])")
VISIBLE = rx(r"(?:\^\[|\xe2\x90\x9b|\\x1b|\\033|\\u001b)\[[0-9;]*[A-Za-z]")
ORPHANS = rx(r"\[\d{1,3}(?:;\d{1,3})*m")
STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)"
TRAILING = rx(r"\r+$")
OVERWRITTEN = rx(r"^.*\r")
FOLDS = rx(r"^(?:(?:travis_(?:fold|time):[\w.:,=-]+|section_(?:start|end):\d+:[\w.-]+(?:\[[^\]]*\])?)\r?)+")
PREFIXES = (
    rx(r"^[^\t\r]{1,300}\t[^\t\r]{0,300}\t(?:\xef\xbb\xbf)?" + STAMP + r" ?"),
    rx(r"^(?:\xef\xbb\xbf)?\[?" + STAMP + r"\]?(?: \d\d[OE][+ ]?)? ?"),
    rx(r"^#\d{1,4} (?:\d+\.\d{1,3}(?: |$))?"),
)
COLUMNS = rx(r"^(?P<job>[^\t\r]{1,300})\t(?P<step>[^\t\r]{0,300})\t(?:\xef\xbb\xbf)?" + STAMP)
MARKER = rx(
    r"^(?:##\[(?P<level>[a-z]+)\]|::(?P<command>error|warning|notice|debug|group|endgroup)(?: (?P<about>[^\r]*?))?::)"
)


@dataclass(frozen=True)
class Hit:
    """One match: the index of its line and its named groups."""

    index: int
    groups: Groups

    def __getitem__(self, name: str) -> str:
        """Return one named group, empty when it took no part."""
        return self.groups[name]


class Log:
    """One log, cleaned. `text` has one line per raw line, without prefixes, colours and overwritten parts;
    `raw_text` are the raw lines without BOM, colours and CR.

    Indexes count from 0 and are the same for `line` and `raw`; `number` is the line's number in the file.
    `cut_at` and `cut_lines` say after which index how many lines were left out for size.
    """

    def __init__(self, name: str, data: bytes, *, cut_at: int = 0, cut_lines: int = 0) -> None:
        self.name = name
        self.cut_at = cut_at
        self.cut_lines = cut_lines
        plain = ANSI.sub(b"", _decoded(data).removeprefix(b"\xef\xbb\xbf")).replace(b"\r\n", b"\n")
        if b"\n" not in plain:
            plain = plain.replace(b"\r", b"\n")
        self.raw_text = plain.replace(b"\xef\xbb\xbf", b"").replace(b"\r", b"")
        self._marked = _unprefixed(plain)
        self.text = MARKER.sub(b"", self._marked)
        self._raw_starts = _starts(self.raw_text)
        self._starts = _starts(self.text)

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self._starts) - 1

    def line(self, index: int) -> str:
        """Return one cleaned line, empty outside of the log."""
        return _slice(self.text, self._starts, index)

    def raw(self, index: int) -> str:
        """Return one raw line without BOM, ANSI, CR and LF."""
        return _slice(self.raw_text, self._raw_starts, index)

    def shown(self, index: int) -> str:
        """Return one line as the cleaned one, with its `##[level]` marker."""
        return _slice(self._marked, self._marked_starts, index)

    def number(self, index: int) -> int:
        """Return the line's number in the file, from 1."""
        return index + 1 + (self.cut_lines if index >= self.cut_at else 0)

    def lines(self, start: int = 0, end: int | None = None) -> list[str]:
        """Return the cleaned lines from `start` to before `end`."""
        return [self.line(i) for i in range(max(start, 0), min(len(self), len(self) if end is None else end))]

    def find(self, pattern: Rx, start: int = 0, end: int | None = None) -> Iterator[Hit]:
        """Yield the matches of a pattern in the cleaned lines from `start` to before `end`."""
        stop = len(self) if end is None else min(end, len(self))
        if start >= stop:
            return
        held = self._held.candidates(pattern)
        if held is not None:
            for index in held[bisect_left(held, start) : bisect_left(held, stop)]:
                line = self.text[self._starts[index] : self._starts[index + 1] - 1]
                yield from (Hit(index, groups) for _, groups in pattern.hits(line))
            return
        base = self._starts[start]
        for offset, groups in pattern.hits(self.text[base : self._starts[stop]]):
            yield Hit(bisect_right(self._starts, base + offset) - 1, groups)

    def first(self, pattern: Rx, start: int = 0, end: int | None = None) -> Hit | None:
        """Return the first match in a range, or None."""
        return next(self.find(pattern, start, end), None)

    @cached_property
    def _held(self) -> Held:
        return Held(self.text.split(b"\n"))

    @cached_property
    def _marked_starts(self) -> list[int]:
        return _starts(self._marked)

    @cached_property
    def levels(self) -> dict[int, str]:
        """Return the lines that carried a `##[level]` marker: error, warning, group, endgroup, command, ..."""
        return {
            bisect_right(self._marked_starts, at) - 1: groups["level"] or groups["command"]
            for at, groups in MARKER.hits(self._marked)
        }

    @cached_property
    def columns(self) -> list[tuple[int, str, str]]:
        """Return (index, job, step) wherever the `job TAB step TAB` prefix changes."""
        found: list[tuple[int, str, str]] = []
        for at, groups in COLUMNS.hits(self.raw_text):
            if not found or found[-1][1:] != (groups["job"], groups["step"]):
                found.append((bisect_right(self._raw_starts, at) - 1, groups["job"], groups["step"]))
        return found


def _decoded(data: bytes) -> bytes:
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return data[2:].decode(encoding, "replace").encode()
    try:
        data.decode()
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace").encode()
    return data


def _unprefixed(plain: bytes) -> bytes:
    """Return the lines without prefixes, and without colours that were printed as text or lost their escape."""
    plain = VISIBLE.sub(b"", plain)
    if plain.count(b"[0m") >= 3:
        plain = ORPHANS.sub(b"", plain)
    for prefix in PREFIXES:
        plain = prefix.sub(b"", plain)
    if b"\r" in plain:
        plain = OVERWRITTEN.sub(b"", TRAILING.sub(b"", FOLDS.sub(b"", plain)))
    return plain


def _starts(data: bytes) -> list[int]:
    starts, at = [0], 0
    for line in data.split(b"\n"):
        at += len(line) + 1
        starts.append(at)
    if data.endswith(b"\n"):
        starts.pop()
    return starts


def _slice(data: bytes, starts: list[int], index: int) -> str:
    if not 0 <= index < len(starts) - 1:
        return ""
    return data[starts[index] : starts[index + 1]].rstrip(b"\n").decode("utf-8", "replace")
