"""The tree of a patch: the repository's tree with the edits, written once into a folder of our own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from bot.codebase.texts import encode
from bot.errors import Refused
from bot.model import FileEdit, fingerprint


def inside(path: str) -> bool:
    """Return whether a path of an edit stays within the tree and out of git's own folder."""
    parts = PurePosixPath(path).parts
    plain = bool(parts) and not path.startswith("/") and "\\" not in path and "\x00" not in path
    return plain and ".." not in parts and ".git" not in {part.lower() for part in parts}


def patched(tree: Path, edits: Iterable[FileEdit], target: Path) -> Path:
    """Write `tree` with the edits to the folder `target` and return it; one there with the same edits is adopted.

    Unchanged files are hard links: nothing may ever write to them in place. Raises `Refused` for an edit that would
    leave the tree, by its own path or through a symbolic link.
    """
    edits = tuple(edits)
    content = fingerprint(*(text for edit in edits for text in (edit.path, repr(edit.text))), length=32)
    done = target.with_name(target.name + ".done")
    if done.is_file() and done.read_text() == content and target.is_dir():
        return target
    done.unlink(missing_ok=True)
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(tree, target, symlinks=True, copy_function=_link)
    for edit in edits:
        _apply(target, edit)
    done.write_text(content)
    return target


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)
    return target


def _apply(target: Path, edit: FileEdit) -> None:
    path = target / edit.path
    if not inside(edit.path) or not path.parent.resolve().is_relative_to(target.resolve()):
        raise Refused(f"the patch writes outside the repository: {edit.path}", hint="No patch may do that.")
    if path.is_symlink():
        raise Refused(f"the patch writes through a symbolic link: {edit.path}", hint="No patch may do that.")
    mode = path.stat().st_mode if path.is_file() else None
    path.unlink(missing_ok=True)
    if edit.text is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode(edit.text))
    if mode is not None:
        path.chmod(mode & 0o777)
