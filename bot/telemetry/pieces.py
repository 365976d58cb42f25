"""One large file of beat events read in pieces, each execution by the piece in which it begins.

Around each border lies a zone. Executions with an event in the zone before the border belong to the piece before it,
which reads on through the zone behind, for them alone; the piece behind leaves them out. What is under way for longer
than that is cut off by the border, as by the end of a log, and put together when the sums are added.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from bot.model import Sequence as Declared
from bot.telemetry import lines
from bot.telemetry.collect import Collector, unhurried
from bot.telemetry.dialects.beats import batches, decoded
from bot.telemetry.partials import Partial

ZONE = 50  # a fiftieth of a piece, on both sides of its borders
LEAST = 24_000_000  # bytes of a piece: below, starting a process costs more than it saves
AHEAD = 60_000_000  # bytes that this process reads while the others start
NOWHERE = -1


class Piece(NamedTuple):
    """Places in a file, each the start of a line: the piece from `start` to `stop`, and the zones around its ends."""

    path: str
    before: int
    start: int
    opened: int  # where the zone behind the start ends
    closing: int  # where the zone before the stop begins
    stop: int
    after: int


def pieces(path: Path, most: int) -> list[Piece]:
    """Return the file in up to `most` pieces, the first the largest; none where it is better read as a whole.

    That is a file that is packed or small, whose lines are very long, or whose executions have no names.
    """
    size = path.stat().st_size
    count = min(most, (size - AHEAD) // LEAST)
    with path.open("rb") as file:
        if count < 2 or file.peek(2)[:2] == b"\x1f\x8b" or not _named(path):
            return []
        length = (size - AHEAD) // count
        zone = length // ZONE
        starts = [0, *(_line(file, AHEAD + number * length, size) for number in range(1, count)), size]
        found = [
            Piece(
                str(path),
                _line(file, start - zone, size),
                start,
                _line(file, start + zone, size) if start else 0,
                _line(file, stop - zone, size) if stop < size else size,
                stop,
                _line(file, stop + zone, size),
            )
            for start, stop in pairwise(starts)
        ]
    return [] if any(NOWHERE in piece or list(piece[1:]) != sorted(piece[1:]) for piece in found) else found


def _line(file: BinaryIO, offset: int, size: int) -> int:
    """Return where the first line begins at or after an offset; `NOWHERE` when that is too far."""
    if not 0 < offset < size:
        return max(0, min(offset, size))
    file.seek(offset - 1)
    end = file.read(lines.LONGEST).find(b"\n")
    return offset + end if end >= 0 else NOWHERE


def _named(path: Path) -> bool:
    """Say whether the events of sequences at the beginning of a file name their executions."""
    first = next(iter(batches(path, Counter())), ())
    return all(_execution(event) or not _sequence(event) for event in first)


def _execution(event: Any) -> str:
    return str(event.execution or getattr(event, "executionId", ""))


def _sequence(event: Any) -> str:
    return str(event.sequence or getattr(event, "sequenceId", ""))


def read_piece(piece: Piece, declared: Mapping[str, Declared]) -> Partial:
    """Return the sums over the executions that begin in one piece, and over its events without an execution."""
    collector = Collector(declared)
    with unhurried():
        _read(piece, collector)
        return collector.finish()


def _read(piece: Piece, collector: Collector) -> None:
    dropped = collector.partial.dropped
    others = _executions(piece, piece.before, piece.start)
    for events in _between(piece, piece.start, piece.opened, dropped):
        collector.take([event for event in events if _execution(event) not in others])
    for events in _between(piece, piece.opened, piece.stop, dropped):
        collector.take(events)
    own = _executions(piece, piece.closing, piece.stop)
    last = ""
    for events in _between(piece, piece.stop, piece.after, Counter()):
        collector.take([event for event in events if _execution(event) in own])
        last = events[-1].timestamp if events else last
    first = next((batch[0].timestamp for batch in _between(piece, piece.before, piece.start, Counter()) if batch), "")
    collector.spans(first, last)


def _executions(piece: Piece, start: int, stop: int) -> set[str]:
    """Return the names of the executions with an event between two places."""
    found = {_execution(event) for events in _between(piece, start, stop, Counter()) for event in events}
    return found - {""}


def _between(piece: Piece, start: int, stop: int, dropped: Counter[str]) -> Iterator[Sequence[Any]]:
    for chunk in lines.between(Path(piece.path), start, stop, dropped):
        yield decoded(chunk, dropped)
