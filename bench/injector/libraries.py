"""Well-known libraries with their own tests: source archives from the package index, as small git checkouts."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.codebase import is_test_path
from bot.codebase.texts import FolderTexts

TRAIN = (
    *("inflection", "deepmerge", "jsonpointer", "texttable", "schema", "tinydb", "webcolors", "boltons"),
    *("isodate", "tabulate", "cachetools", "humanize", "toolz", "bottle", "sqlparse", "munch", "parse"),
)
TEST = (
    *("xmltodict", "uritemplate", "semver", "voluptuous", "funcy", "dpath", "pathspec", "python-slugify"),
    *("rfc3986", "markdown", "click", "mistune", "idna"),
)
"""The first are for developing, the others for figures: no weight is fitted to them."""


@dataclass(frozen=True)
class Library:
    """One library at a fixed version: `tree` is a git checkout with one commit, its archive's content."""

    name: str
    tree: Path

    @property
    def files(self) -> Mapping[str, str]:
        """Return all text files by POSIX path."""
        return FolderTexts(self.tree)

    @property
    def sources(self) -> tuple[str, ...]:
        """Return the library's own Python files, without tests."""
        return tuple(path for path in self.files if path.endswith(".py") and not is_test_path(path))

    def copy(self, target: Path, edits: Mapping[str, str]) -> Path:
        """Copy the checkout to a folder that is not there yet, write `edits` into it, and return the folder."""
        shutil.copytree(self.tree, target, symlinks=True)
        for path, text in edits.items():
            (target / path).write_text(text, encoding="utf-8", newline="")
        return target


def fetch(name: str, folder: Path) -> Library:
    """Return a library (`name` may be `name==version`), downloaded with pip into `folder` unless it is there.

    Raises `RuntimeError` when the index has no source archive, or its archive has no tests.
    """
    tree = folder / "trees" / name
    if not tree.is_dir():
        with tempfile.TemporaryDirectory(dir=_made(folder)) as scratch:
            top = _unpacked(_archive(name, Path(scratch)), Path(scratch) / "out")
            _git(top, "init", "-q")
            _git(top, "add", "-A", "-f")
            _git(top, "commit", "-q", "-m", name)
            _made(tree.parent)
            shutil.move(top, tree)
    library = Library(name, tree)
    if not any(is_test_path(path) for path in library.files if path.endswith(".py")):
        raise RuntimeError(f"{name}: the source archive holds no tests")
    return library


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _archive(name: str, scratch: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", "-d", str(scratch)]
    done = subprocess.run([*command, name], capture_output=True, text=True, check=False)
    found = [path for path in scratch.iterdir() if path.name.endswith((".tar.gz", ".zip"))]
    if not found:
        raise RuntimeError(f"{name}: {done.stderr.strip()[-300:]}")
    return found[0]


def _unpacked(archive: Path, target: Path) -> Path:
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as held:
            held.extractall(target)
    else:
        with tarfile.open(archive) as packed:
            packed.extractall(target, filter="data")
    return next(path for path in target.iterdir() if path.is_dir())


def _git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)
