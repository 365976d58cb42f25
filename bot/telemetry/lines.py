"""Lines of a file of any size, plain or gzip, in bounded memory."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from bot.telemetry.gunzip import Unpacked

CHUNK = 96 << 10  # less than what the allocator asks the system for afresh every time
LONGEST = 1 << 20  # a longer line is no event; it is counted and skipped without being held
LARGEST = 64 << 30  # what a gzip file may unpack to: far above a day of logs, far below for ever


class Readable(Protocol):
    """What bytes are read from, piece by piece."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, none at the end."""


def chunks(path: Path, dropped: Counter[str]) -> Iterator[bytes]:
    """Yield whole lines of the file in pieces of about 96 KiB, each ending at a line's end but perhaps the last.

    Gzip is unpacked on the way; a broken or endless one ends early, after a whole line. What is left out is counted in
    `dropped`.
    """
    with path.open("rb") as raw:
        packed = raw.peek(2)[:2] == b"\x1f\x8b"
        file: Readable = Unpacked(raw) if packed else raw
        try:
            for number, chunk in enumerate(_whole_lines(file, dropped)):
                yield chunk if number else chunk.removeprefix(b"\xef\xbb\xbf")
        except (EOFError, zlib.error):
            dropped["broken gzip"] += 1


def between(path: Path, start: int, stop: int, dropped: Counter[str]) -> Iterator[bytes]:
    """Yield the lines between two places of a plain file, each the start of a line, in pieces as `chunks` does."""
    with path.open("rb") as file:
        file.seek(start)
        for number, chunk in enumerate(_whole_lines(Stretch(file, stop - start), dropped)):
            yield chunk if number or start else chunk.removeprefix(b"\xef\xbb\xbf")


class Stretch:
    """So many bytes of a file, from where it stands."""

    def __init__(self, file: BinaryIO, left: int) -> None:
        self._file, self._left = file, left

    def read(self, size: int) -> bytes:
        """Return up to `size` of the bytes that are left."""
        found = self._file.read(min(size, self._left))
        self._left -= len(found)
        return found


def _whole_lines(file: Readable, dropped: Counter[str]) -> Iterator[bytes]:
    """Yield pieces that end at a line's end; what follows the last end waits for the next piece."""
    rest, skipping, total = b"", False, 0
    while piece := file.read(CHUNK):
        total += len(piece)
        if total > LARGEST:
            dropped["too large"] += 1
            return
        end = piece.rfind(b"\n") + 1
        if not end:
            rest, skipping = _grown(rest, piece, skipping, dropped)
            continue
        start = piece.find(b"\n") + 1 if skipping else 0
        if start < end:
            yield b"".join((rest, memoryview(piece)[start:end]))
        rest, skipping = piece[end:], False
    if rest and not skipping:
        yield rest


def _grown(rest: bytes, piece: bytes, skipping: bool, dropped: Counter[str]) -> tuple[bytes, bool]:
    if skipping:
        return b"", True
    if len(rest) + len(piece) <= LONGEST:
        return rest + piece, False
    dropped["line too long"] += 1
    return b"", True


def lines(path: Path, dropped: Counter[str]) -> Iterator[bytes]:
    """Yield the lines of the file without their ends, empty ones left out; too long ones are counted in `dropped`."""
    for chunk in chunks(path, dropped):
        for line in chunk.split(b"\n"):
            if line and not line.isspace():
                yield line.rstrip(b"\r")


def head(path: Path, size: int = 1 << 16) -> bytes:
    """Return up to `size` bytes of the file's beginning, unpacked; empty when the file can't be unpacked."""
    taken: list[bytes] = []
    held = 0
    for chunk in chunks(path, Counter()):
        taken.append(chunk)
        held += len(chunk)
        if held >= size:
            break
    return b"".join(taken)[:size]
