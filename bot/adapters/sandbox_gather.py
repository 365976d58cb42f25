"""Bringing files back out of a sandbox without following anything a stranger has laid there."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

MOST_FILES = 5_000
MOST_BYTES = 64_000_000
_MOST_ENTRIES = 200_000
_MOST_DEPTH = 64
_SKIPPED = {".git", "__pycache__"}


def matches(path: str, pattern: str) -> bool:
    """Return whether a POSIX path matches a glob pattern; `**` stands for any number of folders, none included."""
    return _match(path.split("/"), pattern.split("/"))


def _match(parts: list[str], patterns: list[str]) -> bool:
    if not patterns:
        return not parts
    if patterns[0] == "**":
        return any(_match(parts[skip:], patterns[1:]) for skip in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], patterns[0]) and _match(parts[1:], patterns[1:])


def _walk(folder: int, prefix: str, left: Iterator[int]) -> Iterator[tuple[str, int, str]]:
    """Yield (relative path, descriptor of its folder, name) of all files; links are never followed.

    A stranger may have laid folders without end: it stops at a depth, and when `left` is used up.
    """
    with os.scandir(folder) as entries:
        names = sorted(
            (entry.name, entry.is_dir(follow_symlinks=False)) for entry, _ in zip(entries, left, strict=False)
        )
    for name, is_folder in names:
        path = f"{prefix}{name}"
        if not is_folder:
            yield path, folder, name
        elif name not in _SKIPPED and path.count("/") < _MOST_DEPTH:
            yield from _walk_below(folder, name, path, left)


def _walk_below(folder: int, name: str, path: str, left: Iterator[int]) -> Iterator[tuple[str, int, str]]:
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    except OSError:
        return
    try:
        yield from _walk(descriptor, f"{path}/", left)
    finally:
        os.close(descriptor)


def _wanted(path: str, patterns: tuple[str, ...]) -> bool:
    """Return whether a path matches; one that is no text in UTF-8 could not be named in any answer."""
    return any(matches(path, pattern) for pattern in patterns) and path.isprintable()


def _read(folder: int, name: str, most: int) -> bytes | None:
    """Return a regular file's bytes, or None when it is something else, larger than `most`, or unreadable."""
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        about = os.fstat(descriptor)
        return file.read(most) if stat.S_ISREG(about.st_mode) and about.st_size <= most else None


def _collect(folder: str, wanted: tuple[str, ...], most: int) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    if not wanted:
        return found
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for path, parent, name in _walk(descriptor, "", iter(range(_MOST_ENTRIES))):
            worth = len(found) < MOST_FILES and _wanted(path, wanted)
            data = _read(parent, name, most) if worth else None
            if data is not None:
                found[path] = data
                most -= len(data)
    finally:
        os.close(descriptor)
    return found


def _original(tree: Path, path: str) -> bytes | None:
    file = tree / path
    try:
        return None if file.is_symlink() else file.read_bytes()
    except OSError:
        return None


def gather(folder: str, patterns: tuple[str, ...], tree: Path, box: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files of a run that match `patterns` and are new or changed, by path.

    `folder` holds the run's `tree` and `box`; `tree` and `box` are what they held before. Patterns and keys with
    the prefix `box:` are about the box. At most `MOST_BYTES` in `MOST_FILES` files come back.
    """
    ours = tuple(pattern for pattern in patterns if not pattern.startswith("box:"))
    boxed = tuple(pattern.removeprefix("box:") for pattern in patterns if pattern.startswith("box:"))
    made = _collect(f"{folder}/box", boxed, MOST_BYTES)
    files = {f"box:{path}": data for path, data in made.items() if box.get(path) != data}
    left = MOST_BYTES - sum(map(len, files.values()))
    changed = _collect(f"{folder}/tree", ours, left)
    return files | {path: data for path, data in changed.items() if _original(tree, path) != data}
