"""Reads log files safely: plain, gzip or zip, within bounds, saying what was refused and what was cut."""

from __future__ import annotations

import zipfile
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import IO

from bot.errors import Misconfigured
from bot.logs.limits import Bounds
from bot.logs.patterns import rx
from bot.logs.reports import looks_like_report

CHUNK = 1 << 20
BLOCK = 1 << 16
PIECE = 256  # bytes unpacked at once from gzip, so that little is lost before a damage
GZIP = b"\x1f\x8b"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
ARCHIVES = {b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"(\xb5/\xfd": "zstd", b"7z\xbc\xaf": "7-zip", b"Rar!": "rar"}
JOB = rx(r"^\d+_(?P<job>[^/]+)\.txt$")  # the log of a whole job at the head of a run's archive
STEP = rx(r"^(?P<job>[^/]+)/\d+_[^/]*\.txt$")  # a part of it, in the folder of the job
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


@dataclass(frozen=True)
class Member:
    """One log or report that was read: `name` is FILE or FILE!member; `cut_at`, `cut_lines` as in `Log`.

    `report` says that the content looks like a report; it is whole then.
    """

    name: str
    data: bytes
    cut_at: int = 0
    cut_lines: int = 0
    report: bool = False


@dataclass
class Reading:
    """What came of reading: the members, and a plain sentence for everything refused or cut."""

    members: list[Member] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def read(files: Iterable[tuple[str, Path]], bounds: Bounds | None = None) -> Reading:
    """Return the members of all files, in order; raises `Misconfigured` when a file cannot be opened."""
    reading = Reading()
    for name, path in files:
        try:
            with path.open("rb") as stream:
                _open(name, stream, reading, bounds or Bounds())
        except OSError as error:
            raise Misconfigured(
                f"{name} cannot be read: {error.strerror or error}", hint="Give a readable file."
            ) from error
    return reading


def whole(members: Iterable[Member]) -> list[Member]:
    """Return the members without the steps of jobs whose whole log is there: only that tells how the job went on."""
    named = [(member, *member.name.rpartition("!")[::2]) for member in members]
    jobs = {(archive, found["job"]) for _, archive, name in named if (found := JOB.find(name))}
    steps = [(member, archive, STEP.find(name)) for member, archive, name in named]
    return [member for member, archive, step in steps if step is None or (archive, step["job"]) not in jobs]


def is_step(member: Member) -> bool:
    """Return whether a member is the file of one step in the archive of a run."""
    return STEP.find(member.name.rpartition("!")[2]) is not None


def _open(name: str, stream: IO[bytes], reading: Reading, bounds: Bounds) -> None:
    start = stream.read(8)
    stream.seek(0)
    odd = next((kind for magic, kind in ARCHIVES.items() if start.startswith(magic)), "")
    if odd:
        reading.refused.append(f"{name} is {odd}, which is not read: give plain text, gzip or zip")
    elif start.startswith(ZIP):
        _unzip(name, stream, reading, bounds)
    elif start.startswith(GZIP):
        _gunzip(name, stream, reading, bounds)
    else:
        _take(name, _chunks(stream), reading, bounds)


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk


def _gunzip(name: str, stream: IO[bytes], reading: Reading, bounds: Bounds) -> None:
    def unpacked() -> Iterator[bytes]:
        total = 0
        try:
            for chunk, taken in gunzipped(stream):
                total += len(chunk)
                yield chunk
                if total > max(bounds.small, bounds.ratio * taken) or total > bounds.archive:
                    reading.refused.append(f"{name} unpacks to too much: read up to {total} bytes")
                    return
        except (EOFError, zlib.error):
            reading.refused.append(f"{name} is a damaged gzip file: read up to byte {total} of its content")

    _take(name, unpacked(), reading, bounds)


def gunzipped(stream: IO[bytes]) -> Iterator[tuple[bytes, int]]:
    """Yield (piece of content, bytes taken from the file so far) of a gzip file, also of several in a row.

    All that stands before a damage comes before `zlib.error` or `EOFError` is raised.
    """
    unpack, taken, rest = zlib.decompressobj(wbits=31), 0, b""
    while True:
        packed = rest or stream.read(PIECE)
        taken += 0 if rest else len(packed)
        if not packed:
            break
        piece = unpack.decompress(packed, CHUNK)
        if piece:
            yield piece, taken
        rest = unpack.unconsumed_tail
        if unpack.eof:
            rest = unpack.unused_data.lstrip(b"\0")
            unpack = zlib.decompressobj(wbits=31)
            if not rest and not (rest := stream.read(PIECE).lstrip(b"\0")):
                return
    raise EOFError("the end is missing")


def _unzip(name: str, stream: IO[bytes], reading: Reading, bounds: Bounds) -> None:
    try:
        archive = zipfile.ZipFile(stream)
        infos = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        reading.refused.append(f"{name} is a damaged zip file: {error}")
        return
    if len(infos) > bounds.members:
        reading.refused.append(f"{name} has {len(infos)} members: only the first {bounds.members} are read")
    left = bounds.archive
    for info in infos[: bounds.members]:
        full = f"{name}!{info.filename}"
        reason = _refusal(info, left, bounds)
        if reason:
            reading.refused.append(f"{full} {reason}")
        elif not info.is_dir():
            left -= _member(archive, info, full, reading, bounds)


def _refusal(info: zipfile.ZipInfo, left: int, bounds: Bounds) -> str:
    if info.flag_bits & 1:
        return "is encrypted"
    if info.compress_type not in METHODS:
        return f"is packed by method {info.compress_type}, which is not read"
    if info.file_size > bounds.small and info.file_size > bounds.ratio * max(info.compress_size, 1):
        return "looks like a bomb: it unpacks to more than its size allows"
    if left <= 0:
        return f"is left out: the archive holds more than {bounds.archive} bytes"
    return ""


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, full: str, reading: Reading, bounds: Bounds) -> int:
    total = 0

    def unpacked() -> Iterator[bytes]:
        nonlocal total
        try:
            with archive.open(info) as stream:
                for chunk in _chunks(stream):
                    total += len(chunk)
                    yield chunk
                    if total > max(bounds.small, bounds.ratio * max(info.compress_size, 1)) or total > bounds.member:
                        reading.refused.append(f"{full} unpacks to too much: read up to {total} bytes")
                        return
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError) as error:
            reading.refused.append(f"{full} is damaged: read up to byte {total} ({error})")

    _take(full, unpacked(), reading, bounds)
    return total


def member_of(name: str, data: bytes) -> Member:
    """Return the member for content that is at hand, bounded like a file's."""
    reading = Reading()
    _take(name, iter([data]), reading, Bounds())
    return reading.members[0] if reading.members else Member(name, b"")


def _take(name: str, chunks: Iterator[bytes], reading: Reading, bounds: Bounds) -> None:
    whole, rest = _whole(chunks, bounds)
    if whole is not None:
        reading.members.append(Member(name, whole, report=True))
        return
    member, notes = collect(name, rest, bounds)
    reading.refused.extend(notes)
    start = member.data[:8]
    if start.startswith((*ZIP, GZIP)) and "!" in name:
        reading.refused.append(f"{name} is an archive inside an archive, which is not read")
    elif _binary(member.data):
        reading.refused.append(f"{name} is binary, not a log")
    else:
        reading.members.append(member)


def _whole(chunks: Iterator[bytes], bounds: Bounds) -> tuple[bytes | None, Iterator[bytes]]:
    """Return the content of what looks like a report; what is no report, or too large for one, is left to be a log."""
    held: list[bytes] = []
    size = 0
    for chunk in chunks:
        held.append(chunk)
        size += len(chunk)
        if not looks_like_report(held[0]) or size > bounds.report:
            return None, chain(held, chunks)
    return (b"".join(held) if held and looks_like_report(held[0]) else None), iter(held)


def _binary(data: bytes) -> bool:
    if data.startswith((b"\xff\xfe", b"\xfe\xff", b"SQLite format 3\0")):
        return False
    sample = data[:65_536]
    return sample.count(0) > len(sample) // 1000


def collect(name: str, chunks: Iterable[bytes], bounds: Bounds) -> tuple[Member, list[str]]:
    """Return the content of a stream within bounds, with a sentence for each cut: long lines and a long middle."""
    head: list[bytes] = []
    tail: deque[bytes] = deque()
    sizes = {"head": 0, "tail": 0, "dropped": 0, "long": 0}
    for block in _blocks(chunks, bounds.line, sizes):
        if sizes["head"] < bounds.head:
            head.append(block)
            sizes["head"] += _weight(block, bounds)
            continue
        tail.append(block)
        sizes["tail"] += _weight(block, bounds)
        while sizes["tail"] > bounds.log - bounds.head:
            gone = tail.popleft()
            sizes["tail"] -= _weight(gone, bounds)
            sizes["dropped"] += gone.count(b"\n")
    start = b"".join(head)
    notes = []
    if sizes["long"]:
        notes.append(f"{name}: {sizes['long']} lines longer than {bounds.line} bytes were shortened")
    if sizes["dropped"]:
        notes.append(f"{name}: {sizes['dropped']} lines in the middle were left out, the log is too large")
    cut_at = start.count(b"\n") if sizes["dropped"] else 0
    return Member(name, start + b"".join(tail), cut_at, sizes["dropped"]), notes


def _weight(block: bytes, bounds: Bounds) -> int:
    return max(len(block), bounds.short * block.count(b"\n"))


def _blocks(chunks: Iterable[bytes], limit: int, sizes: dict[str, int]) -> Iterator[bytes]:
    """Yield blocks of whole lines, none longer than `limit`; the end of a longer line is thrown away."""
    rest = b""
    for part in (chunk[at : at + BLOCK] for chunk in chunks for at in range(0, len(chunk), BLOCK)):
        block, newline, rest = (rest + part).rpartition(b"\n")
        if len(rest) > 2 * limit:
            rest = rest[: limit + 1]
        if newline:
            yield _shortened(block, limit, sizes) + b"\n"
    if rest:
        yield _shortened(rest, limit, sizes)


def _shortened(block: bytes, limit: int, sizes: dict[str, int]) -> bytes:
    lines = block.split(b"\n")
    long = [i for i, line in enumerate(lines) if len(line) > limit]
    for i in long:
        lines[i] = lines[i][:limit]
    sizes["long"] += len(long)
    return b"\n".join(lines) if long else block
