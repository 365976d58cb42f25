"""Several processes for large files, where that can't change the result.

One file of beat events is read in pieces. Of several files, those whose spans of time overlap may hold the same
events or the same executions, so one process reads them all, in their order; only files that lie apart in time are
read side by side; their sums are added.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple, TypeVar

from bot.model import EventStream, Sequence
from bot.telemetry import lines
from bot.telemetry.dialects import dialects
from bot.telemetry.dialects.beats import NAME as BEATS
from bot.telemetry.partials import Partial
from bot.telemetry.pieces import pieces, read_piece
from bot.telemetry.timestamps import utc

WORTH = 64_000_000  # bytes from which on starting processes pays
TAIL = 1 << 16
Work = Callable[[EventStream, Mapping[str, Sequence]], Partial]
Share = TypeVar("Share")


class Span(NamedTuple):
    """A group of files by their places in the recipe, and from when to when their events are."""

    first: float
    last: float
    places: tuple[int, ...]


def collected_apart(work: Work, stream: EventStream, declared: Mapping[str, Sequence]) -> Partial:
    """Return `work` of the whole recipe, done by several processes where that pays and can't change the result."""
    files = [(Path(ref), dialect) for ref, _, dialect in stream.files if dialect in dialects()]
    if sum(path.stat().st_size for path, _ in files) < WORTH:
        return work(stream, declared)
    if [dialect for _, dialect in files] == [BEATS]:
        found = pieces(files[0][0], os.cpu_count() or 1)
        return _added(read_piece, found, declared) if found else work(stream, declared)
    groups = apart(stream)
    return _added(work, groups, declared) if min(os.cpu_count() or 1, len(groups)) > 1 else work(stream, declared)


def _added(
    work: Callable[[Share, Mapping[str, Sequence]], Partial], shares: list[Share], declared: Mapping[str, Sequence]
) -> Partial:
    """Return the sum of `work` of each share, done by as many processes as there are cores, this one among them."""
    first, *rest = shares
    # Never a fork: the caller may have other threads.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min((os.cpu_count() or 2) - 1, len(rest)), mp_context=context) as pool:
        others = pool.map(work, rest, [declared] * len(rest))
        total = work(first, declared)
        for partial in others:
            total.add(partial)
    return total


def apart(stream: EventStream) -> list[EventStream]:
    """Return the recipe's event files in groups that do not overlap in time, each in the recipe's order."""
    merged: list[Span] = []
    for span in sorted(_spans(stream)):
        if merged and span.first <= merged[-1].last:
            old = merged[-1]
            merged[-1] = Span(old.first, max(old.last, span.last), (*old.places, *span.places))
        else:
            merged.append(span)
    return [EventStream(tuple(stream.files[n] for n in sorted(span.places)), stream.steps) for span in merged]


def _spans(stream: EventStream) -> Iterator[Span]:
    for place, (ref, _, dialect) in enumerate(stream.files):
        if dialect in dialects():
            ends = [at for piece in _ends(Path(ref)) for at in _times(piece, dialect)]
            # The order within a file may be any, so a margin of an hour on both sides stands for late events.
            yield Span(min(ends) - 3600, max(ends) + 3600, (place,)) if ends else Span(0.0, float("inf"), (place,))


def _ends(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        packed = file.peek(2)[:2] == b"\x1f\x8b"
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - TAIL))
        tail = file.read()
    if not packed:  # the end of a packed file is not to be had without the rest: its span stays unknown
        yield lines.head(path, TAIL)
        yield tail if size <= TAIL else tail.partition(b"\n")[2]


def _times(piece: bytes, dialect: str) -> Iterator[float]:
    import tempfile

    with tempfile.NamedTemporaryFile() as file:
        file.write(piece)
        file.flush()
        for event in dialects()[dialect].events(Path(file.name), Counter()):
            at = utc(event.timestamp)
            if at is not None:
                yield at
