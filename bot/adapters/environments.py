"""Finds or makes the Python environment of a project; nothing of the project is run for it.

In order: the checkout's own `.venv` or `venv`, the active environment, one made with uv from the project's metadata.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bot.adapters import environments_project, environments_python
from bot.adapters.environments_install import TOOLS, WITHDRAWN, WITHOUT_INDEX, Installer
from bot.adapters.environments_uv import TIMEOUT, Uv
from bot.codebase import installed, metadata
from bot.codebase.layout import project_folders
from bot.codebase.metadata.locks import Locked, locked
from bot.codebase.needed import Needed, missing, needed
from bot.codebase.texts import FolderTexts
from bot.model import fingerprint
from bot.ports import Environment, Sandbox

VERSION = "4"
"""Part of every key: raise it when an environment is made in another way."""
UNUSED = 30 * 24 * 3600.0
"""Seconds after which an environment that was not used is removed."""
RETRY_INDEX = 600.0
"""Seconds after which the index is asked again for an environment that was made without it."""
_READY = "selfheal-environment.txt"


class UvEnvironments:
    """The `Environments` port on this machine."""

    def __init__(self, cache: Path, environ: Mapping[str, str] | None = None, sandbox: Sandbox | None = None) -> None:
        """Keep environments and uv's downloads under `cache`; read the user's settings from `environ`.

        What has no wheel is built in `sandbox`, without one it can't be had.
        """
        self._cache = cache
        self._environ = os.environ if environ is None else environ
        self._installer = Installer(Uv(cache, self._environ), sandbox)

    def prepare(
        self, tree: Path, needs: tuple[str, ...], *, original: Path | None = None, fresh: bool = False
    ) -> Environment:
        """Return an environment for `tree` that holds `needs`; raises `Declined` when it can't be had."""
        files = FolderTexts(tree)
        declared = read_all(files)
        wanted = needed(declared, needs)
        known = None if fresh else self._found(tree, wanted, original)
        return known or self._made(files, declared, wanted)

    def _found(self, tree: Path, wanted: Needed, original: Path | None) -> Environment | None:
        """Return the first environment of the user's own that holds all that is needed."""
        for folder, how in self._existing(tree, original):
            python = _safe_interpreter(folder, original)
            version = environments_python.version_of(str(python)) if python else ""
            held = packages(folder)
            if version and not missing((*wanted.core, *wanted.checks), held):
                return Environment(folder, how, version, held)
        return None

    def _existing(self, tree: Path, original: Path | None) -> Iterator[tuple[Path, str]]:
        for name in (".venv", "venv"):
            # One that is part of the repository comes from a stranger.
            if original and not (tree / name).exists():
                yield original / name, f"{name} of the checkout"
        active = self._environ.get("VIRTUAL_ENV", "")
        if active and Path(active).resolve() != Path(sys.prefix).resolve():
            yield Path(active), f"the active environment {active}"

    def _made(self, files: Mapping[str, str], declared: metadata.Metadata, wanted: Needed) -> Environment:
        pinned = files.get(".python-version", "").split()
        python, version = environments_python.choose(
            declared.requires_python, pinned[0] if pinned else "", self._environ
        )
        fixed = locked(files, (*declared.locks, *declared.files))
        facts = [repr(one) for one in (wanted, fixed, declared.name, declared.version, declared.scripts)]
        folder = self._cache / "environments" / fingerprint(VERSION, python, version, *facts, length=32)
        with _locked(folder):
            if not _ready(folder):
                self._make(folder, python, files, wanted, fixed)
        (folder / _READY).touch()
        how = (folder / _READY).read_text(encoding="utf-8")
        return Environment(folder, how, version, packages(folder), _withdrawn(folder))

    def _make(
        self, folder: Path, python: str, files: Mapping[str, str], wanted: Needed, fixed: tuple[Locked, ...]
    ) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        _purge(folder.parent)
        making = Path(tempfile.mkdtemp(prefix=".making-", dir=folder.parent))
        made = making / "environment"
        try:
            note = self._installer.make(made, python, wanted, fixed)
            own = read_all(files).name
            if own and metadata.canonical(own) in installed.packages(made):
                # A package that depends on the project brought a release of it: the tree is the project.
                self._installer.forget(made, own)
            environments_project.write_distribution(made, files)
            environments_python.compile_all(made)
            how = "made with uv from the project's metadata" + (f" ({note})" if note else "")
            (made / _READY).write_text(how, encoding="utf-8")
            made.rename(folder)
        finally:
            shutil.rmtree(making, ignore_errors=True)


def _withdrawn(folder: Path) -> dict[str, str]:
    """Return the releases in an environment that were withdrawn when it was made, with the reasons."""
    try:
        lines = (folder / WITHDRAWN).read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    return {name: reason for name, _, reason in (line.partition(" ") for line in lines)}


def _ready(folder: Path) -> bool:
    """Return whether an environment is complete; one made without an index is so for a while only."""
    try:
        how = (folder / _READY).read_text(encoding="utf-8")
        age = time.time() - (folder / "pyvenv.cfg").stat().st_mtime
    except OSError:
        return False
    return WITHOUT_INDEX not in how or age < RETRY_INDEX


def _purge(environments: Path) -> None:
    """Remove what a killed process left half made, and environments that nobody used for a month."""
    now = time.time()
    ages = [(path, now - path.stat().st_mtime) for path in environments.glob(".making-*")]
    stale = [path for path, age in ages if age > 2 * TIMEOUT]
    marks = [(path, now - path.stat().st_mtime) for path in environments.glob(f"*/{_READY}")]
    for path in [*stale, *(mark.parent for mark, age in marks if age > UNUSED)]:
        shutil.rmtree(path, ignore_errors=True)


def read_all(files: Mapping[str, str]) -> metadata.Metadata:
    """Return what all projects of a repository declare together, the top one's facts first."""
    found = [metadata.read(files, folder) for folder in project_folders(files)]
    return metadata.joined(found)


def packages(environment: Path) -> dict[str, str]:
    """Return the versions of what is installed, the tools that stand aside included."""
    aside = [installed.packages(folder) for folder in sorted(environment.glob(f"{TOOLS}/*"))]
    alone = {folder.name for folder in environment.glob(f"{TOOLS}/*")}
    extra = {name: version for held in aside for name, version in held.items() if name in alone}
    return extra | installed.packages(environment)


def _safe_interpreter(folder: Path, original: Path | None) -> Path | None:
    """Return an environment's interpreter if it is one of this machine, not a program that lies in the checkout."""
    python = installed.interpreter(folder)
    if python is None or not installed.configuration(folder):
        return None
    real = python.resolve()
    return None if original and original.resolve() in real.parents else python


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder: two processes never make one environment at a time."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
