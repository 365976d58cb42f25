"""Finds or makes the Python environment of a project; nothing of the project is run for it.

In order: the checkout's own `.venv` or `venv`, the active environment, one made with uv from the project's metadata.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bot.adapters import environments_index, environments_project, environments_python
from bot.codebase import installed, metadata
from bot.codebase.needed import Needed, missing, needed
from bot.codebase.texts import FolderTexts
from bot.errors import Declined, Misconfigured
from bot.model import fingerprint
from bot.ports import Environment

VERSION = "1"
"""Part of every key: raise it when an environment is made in another way."""
_READY = "selfheal-environment.txt"
_TIMEOUT = 900.0


class UvEnvironments:
    """The `Environments` port on this machine."""

    def __init__(self, cache: Path, environ: Mapping[str, str] | None = None) -> None:
        """Keep environments and uv's downloads under `cache`; read the user's settings from `environ`."""
        self._cache = cache
        self._environ = os.environ if environ is None else environ

    def prepare(
        self, tree: Path, needs: tuple[str, ...], *, original: Path | None = None, fresh: bool = False
    ) -> Environment:
        """Return an environment for `tree` that holds `needs`; raises `Declined` when it can't be had."""
        files = FolderTexts(tree)
        declared = metadata.read(files)
        wanted = needed(declared, needs)
        known = None if fresh else self._found(tree, wanted, original)
        return known or self._made(files, declared, wanted)

    def _found(self, tree: Path, wanted: Needed, original: Path | None) -> Environment | None:
        """Return the first environment of the user's own that holds all that is needed."""
        for folder, how in self._existing(tree, original):
            python = _safe_interpreter(folder, original)
            version = environments_python.version_of(str(python)) if python else ""
            held = installed.packages(folder)
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
        facts = (files[path] for path in (*declared.files, *declared.locks))
        key = fingerprint(VERSION, python, version, *wanted.checks, *facts, length=32)
        folder = self._cache / "environments" / key
        with _locked(folder):
            if not (folder / _READY).is_file():
                self._make(folder, python, files, wanted)
        how = (folder / _READY).read_text(encoding="utf-8")
        return Environment(folder, how, version, installed.packages(folder))

    def _make(self, folder: Path, python: str, files: Mapping[str, str], wanted: Needed) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        making = Path(tempfile.mkdtemp(prefix=".making-", dir=folder.parent))
        try:
            self._uv("venv", "--relocatable", "--no-project", "--quiet", "--python", python, str(making / "env"))
            self._install(making / "env", wanted)
            environments_project.write_distribution(making / "env", files)
            (making / "env" / _READY).write_text("made with uv from the project's metadata", encoding="utf-8")
            (making / "env").rename(folder)
        finally:
            shutil.rmtree(making, ignore_errors=True)

    def _install(self, environment: Path, wanted: Needed) -> None:
        """Install the fullest set that can be resolved; the message of the last failure is the reason."""
        failure: Declined | None = None
        for requirements in wanted.steps:
            if not requirements:
                return
            try:
                self._pip_install(environment, requirements)
                return
            except Declined as error:
                failure = failure or error
        if failure:
            raise failure

    def _pip_install(self, environment: Path, requirements: tuple[str, ...]) -> None:
        listed = environment.parent / "requirements.txt"
        listed.write_text("\n".join(requirements) + "\n", encoding="utf-8")
        python = str(installed.interpreter(environment))
        self._uv("pip", "install", "--quiet", "--only-binary", ":all:", "--python", python, "-r", str(listed))

    def _uv(self, *arguments: str) -> str:
        import uv

        self._cache.mkdir(parents=True, exist_ok=True)
        settings = environments_index.uv_environment(self._environ, self._cache / "uv")
        try:
            done = subprocess.run(
                [uv.find_uv_bin(), *arguments],
                env=settings,
                cwd=self._cache,
                capture_output=True,
                timeout=_TIMEOUT,
                check=False,
            )
        except FileNotFoundError as error:
            raise Misconfigured("the program uv is missing", hint="Reinstall this program.") from error
        except subprocess.TimeoutExpired as error:
            raise Declined(f"installing took more than {_TIMEOUT:.0f} seconds") from error
        if done.returncode:
            words = done.stderr.decode("utf-8", "replace").strip()
            raise Declined(f"the environment can't be made: {words}", hint="Check the declared dependencies.")
        return done.stdout.decode("utf-8", "replace")


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
