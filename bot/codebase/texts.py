"""The text files of a folder as a mapping that reads a file when it is asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

LARGEST = 5_000_000
"""Bytes above which a file is data, not text to be read or edited."""
_TEXT = frozenset({".py", ".pyi", ".toml", ".cfg", ".ini", ".txt", ".md", ".rst", ".yml", ".yaml", ".json", ".lock"})
_BINARY = frozenset(
    {".png", ".jpg", ".jpeg", ".gif", ".ico", ".pdf", ".zip", ".gz", ".bz2", ".xz", ".whl", ".so", ".pyc", ".pyd"}
    | {".dll", ".exe", ".woff", ".woff2", ".ttf", ".npy", ".pkl", ".sqlite", ".tar", ".mp4", ".webp"}
)
_NEVER = frozenset({".git", "__pycache__", ".hg", ".tox", ".nox", ".venv", "node_modules"})


def decode(data: bytes) -> str:
    """Return bytes as text that `encode` turns into the same bytes again, whatever their encoding."""
    return data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """Return text as the bytes it was read from."""
    return text.encode("utf-8", "surrogateescape")


def is_text(head: bytes) -> bool:
    """Return whether the beginning of a file looks like text: no zero byte (the rule of git)."""
    return b"\0" not in head[:8000]


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
            self._texts[path] = decode((self._folder / path).read_bytes())
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
    suffix = os.path.splitext(entry.name)[1].lower()
    if suffix in _BINARY or entry.stat().st_size > LARGEST:
        return False
    if suffix in _TEXT:
        return True
    with open(entry.path, "rb") as file:
        return is_text(file.read(8000))
