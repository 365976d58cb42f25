"""Files as they are given, kept by content: what is missing is an error, what is no text is refused by name."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path

import re2

from bot.cleaning import cleaned
from bot.errors import Misconfigured
from bot.logs.intake import read
from bot.model import LogFile, LogKind
from bot.ports import Store
from bot.telemetry import lines
from bot.telemetry.declared import sequence_files
from bot.telemetry.dialects import dialects
from bot.telemetry.pipeline import files_in

KEPT = 64_000_000  # bytes; a larger file is read where it lies instead of being copied
PLACE = "file:"
_PACKED = (b"\x1f\x8b", b"PK\x03\x04")
_BOMS = (b"\xff\xfe", b"\xfe\xff")
_STEP = re2.compile(r"(?:^|/)(?:-?[0-9]+_[^/]*|system)\.txt$")
_DATABASE = b"SQLite format 3\0"  # of coverage.py


def taken(paths: Iterable[str], kind: LogKind, store: Store) -> tuple[tuple[LogFile, ...], tuple[str, ...]]:
    """Return the files named (and those in the folders named) as kept content, and what was refused and why.

    Raises `Misconfigured` when a path is missing or unreadable, or when none of several given files is text.
    """
    named = tuple(Path(path) for path in paths)
    found = [f for path in named for f in sequence_files(path)] if kind == "sequence" else list(files_in(named))
    kept, refused = [], []
    for path in found:
        if _binary(path):
            refused.append(f"{path}: it is neither text nor a gzip or zip file")
            continue
        if kind == "events" and _zipped(path) and not _run_logs(path):
            members, bad = _unpacked(path, _name(path, named), store)
            kept += members
            refused += bad
            continue
        size = path.stat().st_size
        ref = f"{PLACE}{path.resolve()}" if size > KEPT else store.keep(_clean(path.read_bytes()))
        kept.append(LogFile(name=_name(path, named), ref=ref, size=size, kind=kind))
    if refused and not kept:
        raise Misconfigured(refused[0], hint="Give a log or telemetry as text, gzip or zip.")
    return tuple(kept), tuple(refused)


def _zipped(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == _PACKED[1]


def _run_logs(path: Path) -> bool:
    """Return whether an archive holds the logs of a run, which are read together: their names tell jobs and steps."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist()[:2000] if not name.endswith("/")]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
    return bool(names) and all(_STEP.search(name) for name in names)


def _unpacked(path: Path, name: str, store: Store) -> tuple[list[LogFile], list[str]]:
    """Return the files in a zip archive as kept content, within the bounds of log archives, and what was refused."""
    reading = read([(name, path)])
    members = [
        LogFile(name=one.name, ref=store.keep(_clean(one.data)), size=len(one.data), kind="events")
        for one in reading.members
    ]
    return members, reading.refused


def _clean(data: bytes) -> bytes:
    """Return content without the secrets in it; archives, read member by member, are cleaned on every way out."""
    return data if data.startswith((_PACKED[1], _DATABASE)) else cleaned(data)


def _name(path: Path, named: tuple[Path, ...]) -> str:
    """Return the path below the folder that was named, so that two files of the same name stay apart."""
    for folder in named:
        if folder.is_dir() and path.is_relative_to(folder):
            return path.relative_to(folder).as_posix()
    return str(path)


def _binary(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            start = file.read(8192)
    except OSError as error:
        raise Misconfigured(f"{path} can't be read: {error.strerror}", hint="Check the path and its rights.") from None
    return b"\0" in start and not start.startswith((*_PACKED, *_BOMS, _DATABASE))


def located(file: LogFile, store: Store) -> Path:
    """Return where the content of a file is; raises `Misconfigured` when it is gone."""
    return Path(file.ref.removeprefix(PLACE)) if file.ref.startswith(PLACE) else store.fetch(file.ref)


def event_lines(files: Iterable[tuple[str, str, str]]) -> int:
    """Return the number of lines in the files that hold events, each at most one event; packed files count 0."""
    return sum(_line_count(Path(ref)) for ref, _, dialect in files if dialect in dialects())


def _line_count(path: Path) -> int:
    with path.open("rb") as file:
        if file.peek(2)[:2] in {packed[:2] for packed in _PACKED}:
            return 0
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(lines.CHUNK * 4), b""))
