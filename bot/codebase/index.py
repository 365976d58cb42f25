"""Facts of files, kept by content: in memory for a process, in a file for the next run on the repository."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from bot.codebase.symbols import Facts
from bot.codebase.texts import encode

VERSION = 1
"""Part of every file: raise it when facts are read in another way."""
MOST = 20_000


class _Saved(msgspec.Struct):
    version: int
    facts: dict[str, Facts]


class _Notes(msgspec.Struct):
    version: int
    notes: dict[str, Any]


_known: dict[str, Facts] = {}
_noted: dict[str, Any] = {}


def key(path: str, text: str) -> str:
    """Return what identifies a file's facts: its path and content."""
    return hashlib.blake2b(path.encode("utf-8", "surrogateescape") + b"\0" + encode(text), digest_size=16).hexdigest()


def facts(path: str, text: str, read: Callable[[], Facts]) -> Facts:
    """Return the facts of a file, from memory or from `read`."""
    known = key(path, text)
    found = _known.get(known)
    if found is None:
        if len(_known) >= MOST:
            _known.clear()
        found = _known[known] = read()
    return found


def load(index: Path) -> frozenset[str]:
    """Take the facts of an index file into memory and return their keys.

    A file that is absent, broken or of another version counts as empty.
    """
    try:
        saved = _decoded(index.read_bytes())
    except (OSError, msgspec.DecodeError):
        return frozenset()
    if saved.version != VERSION:
        return frozenset()
    _known.update(saved.facts)
    return frozenset(saved.facts)


def _decoded(data: bytes) -> _Saved:
    """Return an index with the collector of garbage at rest: it would look at all the new objects again and again."""
    running = gc.isenabled()
    gc.disable()
    try:
        return msgspec.msgpack.decode(data, type=_Saved)
    finally:
        if running:
            gc.enable()


def note(known: str, make: Callable[[], Any]) -> Any:
    """Return plain data that follows from a file's content alone, from memory or from `make`."""
    if known not in _noted:
        if len(_noted) >= MOST * 5:
            _noted.clear()
        _noted[known] = make()
    return _noted[known]


def load_notes(index: Path) -> frozenset[str]:
    """Take the notes beside an index file into memory and return their keys; a broken file counts as empty."""
    try:
        saved = msgspec.msgpack.decode(_beside(index).read_bytes(), type=_Notes)
    except (OSError, msgspec.DecodeError):
        return frozenset()
    if saved.version != VERSION:
        return frozenset()
    _noted.update(saved.notes)
    return frozenset(saved.notes)


def save_notes(index: Path, keys: Iterable[str]) -> None:
    """Write the notes with these keys beside an index file."""
    _write(_beside(index), _Notes(VERSION, {one: _noted[one] for one in keys if one in _noted}))


def _beside(index: Path) -> Path:
    return index.with_suffix(".notes")


def save(index: Path, keys: Iterable[str]) -> None:
    """Write the facts with these keys to an index file; a folder that can't be written is no fault."""
    _write(index, _Saved(VERSION, {one: _known[one] for one in keys if one in _known}))


def _write(index: Path, saved: msgspec.Struct) -> None:
    with contextlib.suppress(OSError):
        index.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=index.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.msgpack.encode(saved))
        os.replace(name, index)
