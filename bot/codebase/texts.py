"""The text files of a folder as a mapping that reads a file when it is asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

LARGEST = 5_000_000
"""Bytes above which a Python file is data, not text to be read or edited; other files are at a fifth of it."""
_BINARY = frozenset(
    {".png", ".jpg", ".jpeg", ".gif", ".ico", ".pdf", ".zip", ".gz", ".bz2", ".xz", ".whl", ".so", ".pyc", ".pyd"}
    | {".dll", ".exe", ".woff", ".woff2", ".ttf", ".npy", ".pkl", ".sqlite", ".tar", ".mp4", ".webp"}
)
_NEVER = frozenset({".git", "__pycache__", ".hg", ".tox", ".nox", ".venv", "node_modules"})


def text_of(data: bytes) -> str | None:
    """Return bytes as text, None when they are none: a zero byte at the beginning (the rule of git), or no UTF-8.

    What is not UTF-8 could not be searched, stored and written back unharmed, so it is left alone as data.
    """
    if b"\0" in data[:8000]:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def encode(text: str) -> bytes:
    """Return text as the bytes it was read from."""
    return text.encode("utf-8", "surrogateescape")


def decode(data: bytes) -> str:
    """Return bytes as text that `encode` turns into the same bytes again, whatever their encoding."""
    return data.decode("utf-8", "surrogateescape")


def may_be_text(path: str, size: int) -> bool:
    """Return whether a file of that name and size in bytes is worth reading as text."""
    suffix = os.path.splitext(path)[1].lower()
    # A file system may hold names that are no text.
    named = path.isprintable() or not any("\ud800" <= char <= "\udfff" for char in path)
    return named and suffix not in _BINARY and size <= (LARGEST if suffix == ".py" else LARGEST // 5)


class FolderTexts(Mapping[str, str]):
    """Text files by POSIX path relative to `folder`; line ends are kept; symlinks to folders are not followed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._paths: dict[str, None] | None = None
        self._texts: dict[str, str] = {}

    def __getitem__(self, path: str) -> str:
        if path not in self._texts:
            if path not in self._known():
                raise KeyError(path)
            self._texts[path] = (self._folder / path).read_bytes().decode("utf-8")
        return self._texts[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known())

    def __len__(self) -> int:
        return len(self._known())

    def __contains__(self, path: object) -> bool:
        return path in self._known()

    def _known(self) -> dict[str, None]:
        if self._paths is None:
            self._paths = dict.fromkeys(sorted(_walk(self._folder)))
        return self._paths


def _walk(folder: Path) -> Iterator[str]:
    pending = [""]
    while pending:
        here = pending.pop()
        with os.scandir(folder / here) as entries:
            for entry in entries:
                path = f"{here}/{entry.name}" if here else entry.name
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in _NEVER:
                        pending.append(path)
                elif entry.is_file() and _readable_text(entry):
                    yield path


def _readable_text(entry: os.DirEntry[str]) -> bool:
    if not may_be_text(entry.name, entry.stat().st_size):
        return False
    with open(entry.path, "rb") as file:
        return text_of(file.read()) is not None


def read_exact(path: Path) -> str | None:
    """Return a file's text with its line ends as they are, or None when there is no such file."""
    return decode(path.read_bytes()) if path.is_file() else None


def write_exact(path: Path, text: str | None) -> None:
    """Write a file's text with its line ends as they are; None removes the file."""
    if text is None:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode(text))
