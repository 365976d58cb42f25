"""Interpreters on this machine, found without running anything of a project."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from bot.codebase import installed
from bot.errors import Declined

_NEWEST, _OLDEST = 15, 7
_COMPILING = 300.0
"""Seconds after which what is not compiled yet is left."""


@lru_cache(maxsize=64)
def version_of(python: str) -> str:
    """Return the version of an interpreter, '' when it does not run. It is started isolated and without site."""
    code = "import sys; print('.'.join(map(str, sys.version_info[:3])))"
    try:
        done = subprocess.run([python, "-I", "-S", "-c", code], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("ascii", "replace").strip() if done.returncode == 0 else ""


def compile_all(environment: Path) -> None:
    """Compile what an environment holds: a run in a sandbox can't keep what it compiles, and would do it every time.

    Nothing of the environment is run for it: the interpreter is started isolated and without site. What can't be
    compiled, and the tests that packages carry, are left as they are.
    """
    python = installed.interpreter(environment)
    if python is None:
        return
    command = [
        str(python.absolute()),
        "-I",
        "-S",
        "-m",
        "compileall",
        "-qq",
        "-j",
        "0",
        "-r",
        "20",
        "-x",
        r"[/\\]tests?[/\\]",
    ]
    with suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run([*command, "."], cwd=environment, capture_output=True, timeout=_COMPILING, check=False)


def choose(requires: str, wanted: str, environ: Mapping[str, str]) -> tuple[str, str]:
    """Return (path, version) of an interpreter for the specifier `requires`, `wanted` (`.python-version`) if it can be.

    Raises `Declined` when no interpreter here satisfies the specifier.
    """
    allowed = _specifier(requires)
    usable = (row for row in _candidates(environ) if row[1] and allowed.contains(row[1], prereleases=True))
    first: tuple[str, str] | None = None
    for row in usable:
        first = first or row
        if not wanted or f"{row[1]}.".startswith(f"{wanted}."):
            return row
    if first:
        return first
    here = ", ".join(dict.fromkeys(version for _, version in _candidates(environ) if version))
    raise Declined(
        f"no Python {requires} on this machine (there are {here})", hint="Install one, e.g. with uv or pyenv."
    )


def _specifier(text: str) -> SpecifierSet:
    try:
        return SpecifierSet(text)
    except InvalidSpecifier:
        return SpecifierSet()


def _candidates(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield (path, version): our own base interpreter, then those of the path, pyenv and uv, newest first."""
    own = str(Path(getattr(sys, "_base_executable", sys.executable)).resolve())
    yield own, ".".join(map(str, sys.version_info[:3]))
    home = Path(environ.get("HOME") or Path.home())
    pyenv = Path(environ.get("PYENV_ROOT") or home / ".pyenv") / "versions"
    managed = home / ".local" / "share" / "uv" / "python"
    for minor in range(_NEWEST, _OLDEST - 1, -1):
        name = f"python3.{minor}"
        paths = [shutil.which(name, path=environ.get("PATH")), f"/usr/bin/{name}", f"/usr/local/bin/{name}"]
        paths += [str(path) for folder in (pyenv, managed) for path in sorted(folder.glob(f"*/bin/{name}"))]
        yield from ((path, version_of(path)) for path in dict.fromkeys(paths) if path and Path(path).exists())
