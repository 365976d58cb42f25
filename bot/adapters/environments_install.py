"""Installs requirements with uv: wheels only, so that no code of a package runs; the fullest set that resolves."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.adapters import egress, environments_index, environments_own
from bot.codebase import installed
from bot.codebase.metadata import name_of
from bot.codebase.metadata.locks import Locked
from bot.codebase.needed import Needed
from bot.errors import Declined, Misconfigured, Transient

TIMEOUT = 900.0
WITHOUT_INDEX = "no package index can be reached: filled from this program's own packages"
TOOLS = "tools"
"""Folder of an environment for tools that don't go together with the project's dependencies."""
_UNREACHABLE = ("error sending request", "dns error", "connection refused", "timed out", "failed to fetch")
_SHIM = """#!/bin/sh
here="$(dirname -- "$(realpath -- "$0")")"
exec "$here/../{tools}/{name}/bin/{program}" "$@"{more}
"""


@dataclass(frozen=True)
class Installer:
    """uv with the user's own index settings; it works in a folder that holds no configuration of a project."""

    cache: Path
    environ: Mapping[str, str]

    def make(self, environment: Path, python: str, wanted: Needed, locked: tuple[Locked, ...]) -> str:
        """Make an environment that holds as much of `wanted` as can be, and return what was left out and why ('').

        Raises `Declined` with the resolver's words when not even the project's own needs can be met.
        """
        self._uv("venv", "--relocatable", "--no-project", "--quiet", "--python", python, str(environment))
        try:
            return self._from_index(environment, python, wanted, locked)
        except Transient as failure:
            return _from_our_own(environment, wanted, failure)

    def _from_index(self, environment: Path, python: str, wanted: Needed, locked: tuple[Locked, ...]) -> str:
        notes: list[str] = []
        chosen, constraints = (*wanted.core, *wanted.helpful, *wanted.checks), locked
        if self._why_not(environment, chosen, constraints):
            chosen, constraints = self._chosen(environment, wanted, locked)
        self._pip_install(environment, chosen, constraints)
        if locked and not constraints:
            notes.append("the lock file does not fit")
        left = [text for text in wanted.helpful if text not in chosen]
        if left:
            notes.append(f"without {', '.join(left)}: not to be had together with the rest")
        notes += self._aside(environment, python, tuple(text for text in wanted.tools if text not in chosen))
        return "; ".join(notes)

    def forget(self, environment: Path, distribution: str) -> None:
        """Remove a distribution from an environment."""
        python = str(installed.interpreter(environment))
        self._uv("pip", "uninstall", "--quiet", "--python", python, distribution)

    def _chosen(
        self, environment: Path, wanted: Needed, locked: tuple[Locked, ...]
    ) -> tuple[tuple[str, ...], tuple[Locked, ...]]:
        """Return the largest set that resolves, found by halving, and the constraints under which it does."""
        base, constraints = (*wanted.core, *wanted.runners), locked
        if locked and self._why_not(environment, base, locked):
            constraints = ()
        if failure := self._why_not(environment, base, constraints):
            raise failure
        for extra in (wanted.helpful, wanted.tools):
            base = (*base, *self._addable(environment, base, extra, constraints))
        return base, constraints

    def _addable(
        self, environment: Path, base: tuple[str, ...], extra: tuple[str, ...], locked: tuple[Locked, ...]
    ) -> tuple[str, ...]:
        """Return those of `extra` that can be installed beside `base`."""
        if not extra or not self._why_not(environment, (*base, *extra), locked):
            return extra
        if len(extra) == 1:
            return ()
        half = len(extra) // 2
        first = self._addable(environment, base, extra[:half], locked)
        return (*first, *self._addable(environment, (*base, *first), extra[half:], locked))

    def _why_not(self, environment: Path, requirements: tuple[str, ...], locked: tuple[Locked, ...]) -> Declined | None:
        """Return why requirements can't be installed together, None when they can."""
        try:
            self._pip_install(environment, requirements, locked, "--dry-run")
        except Declined as error:
            return error
        return None

    def _pip_install(
        self, environment: Path, requirements: tuple[str, ...], locked: tuple[Locked, ...], *options: str
    ) -> None:
        if not requirements:
            return
        wanted, fixed = environment.parent / "requirements.txt", environment.parent / "constraints.txt"
        wanted.write_text("".join(f"{text}\n" for text in requirements), encoding="utf-8")
        fixed.write_text("".join(f"{one.constraint()}\n" for one in locked), encoding="utf-8")
        python = str(installed.interpreter(environment))
        base = ("pip", "install", "--quiet", "--only-binary", ":all:", "--python", python, *options)
        self._uv(*base, *environments_index.uv_options(self.environ), "-r", str(wanted), "-c", str(fixed))

    def _aside(self, environment: Path, python: str, tools: tuple[str, ...]) -> Iterator[str]:
        """Install each tool in a folder of its own and yield a word on those that can't be had."""
        for text in tools:
            name = name_of(text)
            folder = environment / TOOLS / name
            try:
                self._uv("venv", "--relocatable", "--no-project", "--quiet", "--python", python, str(folder))
                self._pip_install(folder, (text,), ())
            except Declined as error:
                yield f"without {text}: {error}"
                continue
            for program in sorted((folder / "bin").iterdir()):
                _shim(environment, folder, program)

    def _uv(self, *arguments: str) -> None:
        import uv

        self.cache.mkdir(parents=True, exist_ok=True)
        settings = environments_index.uv_environment(self.environ, self.cache / "uv")
        command = [uv.find_uv_bin(), *arguments]
        try:
            with _egress(settings) as limited:
                done = subprocess.run(
                    command, env=limited, cwd=self.cache, capture_output=True, timeout=TIMEOUT, check=False
                )
        except FileNotFoundError as error:
            raise Misconfigured("the program uv is missing", hint="Reinstall this program.") from error
        except subprocess.TimeoutExpired as error:
            raise Transient(f"installing took more than {TIMEOUT:.0f} seconds", hint="Try again.") from error
        if done.returncode:
            raise _failure(done.stderr.decode("utf-8", "replace").strip())


@contextmanager
def _egress(settings: dict[str, str]) -> Iterator[dict[str, str]]:
    """Give settings under which only package indexes can be reached; a proxy of the user's own is left in charge."""
    if any(key.upper() in {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"} for key in settings):
        yield settings
        return
    with egress.proxy(environments_index.hosts(settings)) as address:
        proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), address)
        kept = {key: value for key, value in settings.items() if key.upper() != "NO_PROXY"}
        yield kept | proxies


def _from_our_own(environment: Path, wanted: Needed, failure: Transient) -> str:
    """Fill an environment without an index, or raise why there is none."""
    version = installed.configuration(environment).get("version_info", "")
    least = (*wanted.core, *wanted.runners)
    if (
        not version.startswith(f"{sys.version_info[0]}.{sys.version_info[1]}.")
        or environments_own.carried(least) is None
    ):
        raise failure
    more = tuple(text for text in (*wanted.helpful, *wanted.tools) if environments_own.carried((text,)))
    environments_own.copy(environments_own.carried((*least, *more)) or (), environment)
    left = [text for text in (*wanted.helpful, *wanted.tools) if text not in more]
    return f"{WITHOUT_INDEX}{', without ' if left else ''}{', '.join(left)}"


def _failure(words: str) -> Declined | Transient:
    if any(part in words.lower() for part in _UNREACHABLE):
        return Transient(f"the package index can't be reached: {words}", hint="Try again when it can be.")
    return Declined(f"the environment can't be made: {words}", hint="Check the declared dependencies.")


def _shim(environment: Path, folder: Path, program: Path) -> None:
    """Put a script of that name where tools are looked up; mypy is told where the project's packages are."""
    target = environment / "bin" / program.name
    if target.exists() or not (program.is_file() or program.is_symlink()) or program.name.startswith(_OWN):
        return
    more = ' --python-executable "$here/python"' if program.name == "mypy" else ""
    target.write_text(_SHIM.format(tools=TOOLS, name=folder.name, program=program.name, more=more), encoding="utf-8")
    target.chmod(0o755)


_OWN = ("python", "activate", "deactivate", "pydoc", "pip")
