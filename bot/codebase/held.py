"""What the last environment of a repository held, kept beside its index for looks that need no environment."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

import msgspec

from bot.codebase.layout import project_folders
from bot.codebase.metadata import metadata_files
from bot.codebase.texts import FolderTexts
from bot.model import CodebaseInfo, fingerprint


class _Held(msgspec.Struct):
    key: str
    python: str
    packages: dict[str, str]
    withdrawn: dict[str, str]


def remember(info: CodebaseInfo) -> None:
    """Keep what a repository's environment holds; a folder that can't be written is no fault."""
    if not info.index or not info.environment:
        return
    target = _beside(info)
    data = msgspec.json.encode(_Held(_key(info), info.python, info.packages, info.withdrawn))
    with contextlib.suppress(OSError):
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(name, target)


def recalled(info: CodebaseInfo) -> CodebaseInfo:
    """Return the repository with what its last environment held, as long as its metadata is the same."""
    try:
        known = msgspec.json.decode(_beside(info).read_bytes(), type=_Held)
    except (OSError, msgspec.MsgspecError):
        return info
    if known.key != _key(info):
        return info
    found = {"python": known.python, "packages": known.packages, "withdrawn": known.withdrawn}
    return info.model_copy(update=found)


def _beside(info: CodebaseInfo) -> Path:
    return Path(info.index).with_suffix(".held")


def _key(info: CodebaseInfo) -> str:
    """Return what identifies the wishes of a repository: its metadata and lock files."""
    files = FolderTexts(Path(info.tree))
    wanted = {path for folder in project_folders(files) for path in metadata_files(files, folder)}
    locks = {path for path in files if path.endswith((".lock", ".python-version"))}
    return fingerprint(*(f"{path}\0{files[path]}" for path in sorted(wanted | locks)), length=32)
