"""Installs requirements: wheels only, so that no code of a package runs; the fullest set that resolves.

What has no wheel is built first, in the sandbox.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import re2
from packaging.specifiers import SpecifierSet
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from bot.adapters import environments_build, environments_index, environments_own, environments_sources
from bot.adapters.environments_sources import TAMPERED
from bot.adapters.environments_uv import Uv, withdrawn
from bot.codebase import installed
from bot.codebase.metadata import canonical, name_of
from bot.codebase.metadata.locks import Locked
from bot.codebase.needed import Needed, parsed
from bot.errors import Declined, Transient
from bot.ports import Sandbox

WITHOUT_INDEX = "no package index can be reached: filled from this program's own packages"
MOST_BUILT = 8
TOOLS = "tools"
"""Folder of an environment for tools that don't go together with the project's dependencies."""
WITHDRAWN = "selfheal-withdrawn.txt"
"""File of an environment: a line for each release in it that was withdrawn, its name and the reason."""
_NO_WHEEL = re2.compile(r"Wheels are required for `([^`]+)`")
_SHIM = """#!/bin/sh
here="$(dirname -- "$(realpath -- "$0")")"
exec "$here/../{tools}/{name}/bin/{program}" "$@"{more}
"""
_OWN = ("python", "activate", "deactivate", "pydoc", "pip")


@dataclass(frozen=True)
class Installer:
    """Fills environments; without a sandbox, what has no wheel can't be had."""

    uv: Uv
    sandbox: Sandbox | None = None

    def make(self, environment: Path, python: str, wanted: Needed, locked: tuple[Locked, ...]) -> str:
        """Make an environment that holds as much of `wanted` as can be, and return what was left out and why ('').

        Raises `Declined` with the resolver's words when not even the project's own needs can be met.
        """
        self.uv.venv(environment, python)
        try:
            return self._from_index(environment, python, wanted, locked)
        except Transient as failure:
            return _from_our_own(environment, wanted, failure)

    def _from_index(self, environment: Path, python: str, wanted: Needed, locked: tuple[Locked, ...]) -> str:
        notes: list[str] = []
        chosen, constraints = (*wanted.core, *wanted.helpful, *wanted.checks), locked
        if self._why_not(environment, chosen, constraints):
            chosen, constraints = self._chosen(environment, wanted, locked)
        self._install(environment, chosen, constraints)
        if locked and not constraints:
            notes.append("the lock file does not fit")
        left = [text for text in wanted.helpful if text not in chosen]
        if left:
            why = self._why_not(environment, (*chosen, left[0]), constraints)
            words = " ".join(str(why).split())[:600] if why else ""
            notes.append(
                f"without {', '.join(left)}: not to be had together with the rest" + f" ({words})" * bool(words)
            )
        notes += self._aside(environment, python, tuple(text for text in wanted.tools if text not in chosen))
        return "; ".join(notes)

    def forget(self, environment: Path, distribution: str) -> None:
        """Remove a distribution from an environment."""
        python = str(installed.interpreter(environment))
        self.uv.run("pip", "uninstall", "--quiet", "--python", python, distribution)

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
            self._install(environment, requirements, locked, "--dry-run")
        except Declined as error:
            if TAMPERED in str(error):
                raise
            return error
        return None

    def _install(
        self, environment: Path, requirements: tuple[str, ...], locked: tuple[Locked, ...], *options: str
    ) -> None:
        """Install requirements; what has no wheel is built first, as long as there is something left to build."""
        tried: set[str] = set()
        while True:
            try:
                return self._wheels(environment, requirements, locked, *options)
            except Declined as error:
                lacking = [name for name in _lacking(str(error)) if name not in tried]
                if not lacking or self.sandbox is None or len(tried) >= MOST_BUILT:
                    raise
                tried.update(lacking[:1])
                self._build(environment, lacking[0], requirements, locked, self.sandbox)

    def _wheels(
        self, environment: Path, requirements: tuple[str, ...], locked: tuple[Locked, ...], *options: str
    ) -> None:
        if not requirements:
            return
        own = self._own_wheels(environment)
        made = {parse_wheel_filename(path.name)[:2] for path in own.glob("*.whl")}
        # The hashes of a lock are those of files on the index: a wheel of our own came from one that was checked.
        fixed = [
            replace(one, hashes=()) if (one.name, one.version) in {(n, str(v)) for n, v in made} else one
            for one in locked
        ]
        listed, constraints = environment.parent / "requirements.txt", environment.parent / "constraints.txt"
        listed.write_text("".join(f"{text}\n" for text in requirements), encoding="utf-8")
        constraints.write_text("".join(f"{one.constraint()}\n" for one in fixed), encoding="utf-8")
        links = ("--find-links", str(own)) if made else ()
        told = (*links, *options, "-r", str(listed), "-c", str(constraints))
        words = self.uv.install(installed.interpreter(environment), *told)
        if "--dry-run" not in options:
            with open(environment / WITHDRAWN, "a", encoding="utf-8") as notes:
                notes.writelines(f"{name} {reason}\n" for name, reason in withdrawn(words).items())

    def _own_wheels(self, environment: Path) -> Path:
        return self.uv.cache / "wheels" / installed.configuration(environment).get("version_info", "any")

    def _build(
        self,
        environment: Path,
        name: str,
        requirements: tuple[str, ...],
        locked: tuple[Locked, ...],
        sandbox: Sandbox,
    ) -> None:
        """Build a distribution that has no wheel, and keep the wheel for this version of Python."""
        fixed = next((one for one in locked if one.name == name), None)
        asked = [one.specifier for text in requirements if (one := parsed(text)) and canonical(one.name) == name]
        wanted = SpecifierSet(",".join([*map(str, asked), *([f"=={fixed.version}"] if fixed else [])]))
        index = not environments_index.uv_options(self.uv.environ)
        archive = environments_sources.find(name, wanted, self.uv.settings, index=index)
        data = environments_sources.fetch(archive, self.uv.settings, fixed.hashes if fixed else ())
        python = str(installed.interpreter(environment))

        def builder(folder: Path, requires: tuple[str, ...]) -> Path:
            self.uv.venv(folder, python)
            self._wheels(folder, requires, ())
            return folder

        filename, wheel = environments_build.built(data, archive.filename, sandbox, builder)
        try:
            named = parse_wheel_filename(filename)[:2] == (name, archive.version)
        except InvalidWheelFilename:
            named = False
        if not named:
            raise Declined(f"{archive.filename} builds {filename}, which is something else")
        folder = self._own_wheels(environment)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / filename).write_bytes(wheel)

    def _aside(self, environment: Path, python: str, tools: tuple[str, ...]) -> Iterator[str]:
        """Install each tool in a folder of its own and yield a word on those that can't be had."""
        for text in tools:
            folder = environment / TOOLS / name_of(text)
            try:
                self.uv.venv(folder, python)
                self._wheels(folder, (text,), ())
            except Declined as error:
                yield f"without {text}: {error}"
                continue
            for program in sorted((folder / "bin").iterdir()):
                _shim(environment, folder, program)


def _lacking(words: str) -> tuple[str, ...]:
    """Return the distributions that uv's words say have no wheel."""
    return tuple(dict.fromkeys(canonical(found.group(1)) for found in _NO_WHEEL.finditer(words)))


def _from_our_own(environment: Path, wanted: Needed, failure: Transient) -> str:
    """Fill an environment without an index, or raise why there is none."""
    version = installed.configuration(environment).get("version_info", "")
    least = (*wanted.core, *wanted.runners)
    same = version.startswith(f"{sys.version_info[0]}.{sys.version_info[1]}.")
    if not same or environments_own.carried(least) is None:
        raise failure
    more = tuple(text for text in (*wanted.helpful, *wanted.tools) if environments_own.carried((text,)))
    environments_own.copy(environments_own.carried((*least, *more)) or (), environment)
    left = [text for text in (*wanted.helpful, *wanted.tools) if text not in more]
    return f"{WITHOUT_INDEX}{', without ' if left else ''}{', '.join(left)}"


def _shim(environment: Path, folder: Path, program: Path) -> None:
    """Put a script of that name where tools are looked up; mypy is told where the project's packages are."""
    target = environment / "bin" / program.name
    if target.exists() or not (program.is_file() or program.is_symlink()) or program.name.startswith(_OWN):
        return
    more = ' --python-executable "$here/python"' if program.name == "mypy" else ""
    target.write_text(_SHIM.format(tools=TOOLS, name=folder.name, program=program.name, more=more), encoding="utf-8")
    target.chmod(0o755)
