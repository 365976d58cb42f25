"""Content on disk under its own sha256: written beside, synced, then renamed, so that a name never lies."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from bot.errors import Misconfigured
from bot.model import digest

HEX = frozenset("0123456789abcdef")


class Blobs:
    """A folder of content; the same content is kept once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, data: bytes) -> str:
        """Store content durably and return its sha256."""
        ref = digest(data)
        path = self._path(ref)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, data)
        return ref

    def fetch(self, ref: str) -> Path:
        """Return the file that holds the content; raises `Misconfigured` when it is not there."""
        path = self._path(ref) if len(ref) == 64 and HEX.issuperset(ref) else None
        if path is None or not path.is_file():
            raise Misconfigured(f"content {ref[:64]!r} is not in the state folder", hint="It may have been purged.")
        return path

    def _path(self, ref: str) -> Path:
        return self._folder / ref[:2] / ref


def _write(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync(path.parent)
    _sync(path.parent.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
