"""Content without the secrets in it, packed or not: gzip and zip are unpacked within bounds, redacted, packed again."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from typing import Protocol, cast

from bot.redact import redact_bytes

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
LARGEST = 200_000_000  # bytes that one upload may unpack to; what is beyond is cut off
MEMBERS = 2_000
CHUNK = 1 << 16
TRAILER = 8  # length and checksum at the end of gzip: without it a reader says that the file is cut off
_BINARY = (b"SQLite format 3\0", b"\x89PNG")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError)


class Packed(Protocol):
    """A stream that unpacks as it is read."""

    def read1(self, size: int, /) -> bytes:
        """Return up to `size` bytes, none at the end."""


def cleaned(data: bytes) -> bytes:
    """Return content with every recognised secret replaced, in the packing it came in.

    What can't be unpacked is left out: a damaged or endless gzip ends where it broke or grew too large, and still reads
    as cut off. Members of a zip that are encrypted, damaged or too large become empty and their names say so; archives
    in an archive keep only their first letters, by which readers refuse them.
    """
    if data.startswith(GZIP):
        return _gzip(data)
    if data.startswith(ZIP):
        return _zip(data)
    return data if data.startswith(_BINARY) else redact_bytes(data)


def _gzip(data: bytes) -> bytes:
    text, whole = _unpacked(gzip.GzipFile(fileobj=io.BytesIO(data)), LARGEST)
    packed = gzip.compress(_inner(text), compresslevel=3, mtime=0)
    return packed if whole else packed[:-TRAILER]


def _inner(text: bytes) -> bytes:
    return text[: len(ZIP)] if text.startswith((GZIP, ZIP)) else cleaned(text)


def _unpacked(stream: Packed, most: int) -> tuple[bytes, bool]:
    """Return what could be unpacked, at most `most` bytes and a little, and whether that is all."""
    found, size = [], 0
    try:
        while size <= most and (chunk := stream.read1(CHUNK)):
            found.append(chunk)
            size += len(chunk)
    except _BROKEN:
        return b"".join(found), False
    return b"".join(found), size <= most


def _zip(data: bytes) -> bytes:
    made, left = io.BytesIO(), LARGEST
    try:
        old = zipfile.ZipFile(io.BytesIO(data))
    except _BROKEN:
        return b""
    with old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as new:
        for info in old.infolist()[:MEMBERS]:
            text, why = _member(old, info, left)
            left -= len(text)
            name = f"{info.filename} (left out: {why})" if why else info.filename
            new.writestr(zipfile.ZipInfo(name, info.date_time), text, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> tuple[bytes, str]:
    """Return the clean content of a member, or nothing and why it is left out."""
    if info.is_dir():
        return b"", ""
    if info.flag_bits & 1:
        return b"", "encrypted"
    try:
        with archive.open(info) as stream:
            text, whole = _unpacked(cast(Packed, stream), most)
    except _BROKEN:
        return b"", "damaged"
    if not whole:
        return b"", "too large" if len(text) > most else "damaged"
    return _inner(text), ""
