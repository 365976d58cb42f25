"""A log as lines: cleaned text to read, the raw line and its number to show."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, islice

from bot.logs.cleaning import JUNK, STAMP, plain, unprefixed
from bot.logs.patterns import Groups, Held, Rx, rx

COLUMNS = rx(r"^(?P<job>[^\t\r]{1,300})\t(?P<step>[^\t\r]{0,300})\t" + JUNK + STAMP)
MARKER = rx(
    r"^ {0,2}(?:##\[(?P<level>[a-z]+)\]|::(?P<command>error|warning|notice|debug|group|endgroup)(?:"
    r" (?P<about>[^\r]*?))?::)"
)


QUOTED_EXIT = rx(r"^Process completed with exit code \d{1,9}\.?$")  # the runner marks its own as an error
MOST = 5_000  # lines of one pattern read at each end of a stretch
MARKS = 100_000  # lines that carry a marker of the runner


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
    `cut_at` and `cut_lines` say after which index how many lines were left out for size;
    `passed_over` how many lines that a pattern may match were left out at most, since it matched so many.
    """

    def __init__(self, name: str, data: bytes, *, cut_at: int = 0, cut_lines: int = 0) -> None:
        self.name = name
        self.cut_at = cut_at
        self.cut_lines = cut_lines
        self.passed_over = 0
        text = plain(_decoded(data).replace(b"\xef\xbb\xbf", b"")).replace(b"\r\n", b"\n")
        if b"\n" not in text:
            text = text.replace(b"\r", b"\n")
        self.raw_text = text.replace(b"\r", b"")
        self._marked = unprefixed(text)
        if b"##[group]" in self._marked:
            self._marked = QUOTED_EXIT.sub(b" \\g<0>", self._marked)
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
        if held is None:
            yield from self._searched(pattern, start, stop)
            return
        first, last = bisect_left(held, start), bisect_left(held, stop)
        cut = first + MOST if last - first > 2 * MOST else last
        self.passed_over = max(self.passed_over, last - first - 2 * MOST)
        for index in (*held[first:cut], *held[max(cut, last - MOST) : last]):
            line = self.text[self._starts[index] : self._starts[index + 1] - 1]
            yield from (Hit(index, groups) for _, groups in pattern.hits(line))

    def _searched(self, pattern: Rx, start: int, stop: int) -> Iterator[Hit]:
        """Yield the matches of a pattern that no literal announces: the first `MOST`, then those of the last lines."""
        count, index = 0, start
        for index, groups in _numbered(pattern, self.text, self._starts, start, stop):
            count += 1
            yield Hit(index, groups)
            if count == MOST:
                break
        if count == MOST and index + 1 < stop:
            again = max(index + 1, stop - MOST)
            self.passed_over = max(self.passed_over, again - index - 1)
            yield from (Hit(at, groups) for at, groups in _numbered(pattern, self.text, self._starts, again, stop))

    def first(self, pattern: Rx, start: int = 0, end: int | None = None) -> Hit | None:
        """Return the first match in a range, or None."""
        return next(self.find(pattern, start, end), None)

    @cached_property
    def _held(self) -> Held:
        return Held(self.text.split(b"\n"))

    @cached_property
    def _marked_starts(self) -> array[int]:
        return _starts(self._marked)

    @cached_property
    def levels(self) -> dict[int, str]:
        """Return the lines that carried a `##[level]` marker: error, warning, group, endgroup, command, ..."""
        marks = _numbered(MARKER, self._marked, self._marked_starts, 0, len(self))
        return {index: groups["level"] or groups["command"] for index, groups in islice(marks, MARKS)}

    @cached_property
    def columns(self) -> list[tuple[int, str, str]]:
        """Return (index, job, step) wherever the `job TAB step TAB` prefix changes."""
        found: list[tuple[int, str, str]] = []
        for at, groups in COLUMNS.hits(self.raw_text):
            if not found or found[-1][1:] != (groups["job"], groups["step"]):
                found.append((bisect_right(self._raw_starts, at) - 1, groups["job"], groups["step"]))
        return found


def _numbered(pattern: Rx, text: bytes, starts: Sequence[int], start: int, stop: int) -> Iterator[tuple[int, Groups]]:
    """Yield (line, groups) of every match in the lines from `start` to before `stop`."""
    base = starts[start]
    for offset, groups in pattern.hits(text[base : starts[stop]]):
        yield bisect_right(starts, base + offset) - 1, groups


def _decoded(data: bytes) -> bytes:
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return data[2:].decode(encoding, "replace").encode()
    try:
        data.decode()
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace").encode()
    return data


def _starts(data: bytes) -> array[int]:
    starts = array("q", accumulate((len(line) + 1 for line in data.split(b"\n")), initial=0))
    if data.endswith(b"\n"):
        starts.pop()
    return starts


def _slice(data: bytes, starts: Sequence[int], index: int) -> str:
    if not 0 <= index < len(starts) - 1:
        return ""
    return data[starts[index] : starts[index + 1]].rstrip(b"\n").decode("utf-8", "replace")
