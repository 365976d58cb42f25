"""What a project declares about itself, with the place of each declaration so that it can be edited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import re2

Format = Literal[
    "pep621", "pep621-extra", "pep735", "poetry", "poetry-group", "pdm-dev", "uv-dev", "hatch-env", "build",
    "setup.cfg", "setup.cfg-extra", "setup.py", "setup.py-extra", "requirements", "pipfile", "pipfile-dev", "conda",
    "tox",
]  # fmt: skip
_SEPARATORS = re2.compile(r"[-_.]+")
_NAME = re2.compile(r"^\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")


@dataclass(frozen=True)
class Dependency:
    """One declared requirement: `requirement` is PEP 508 text, `group` is '' for what users need, `line` from 1."""

    name: str
    requirement: str
    file: str
    line: int
    group: str
    format: Format


@dataclass(frozen=True)
class Section:
    """Where requirements of one group are listed: from the line of the key to the last line of its value."""

    file: str
    format: Format
    group: str
    line: int
    end_line: int


@dataclass(frozen=True)
class Place:
    """A file and a line in it, counted from 1."""

    file: str
    line: int


@dataclass(frozen=True)
class Metadata:
    """All that the metadata files declare.

    `includes` are (group, included group), `scripts` are (entry point group, name, target), `problems` tell which files
    could not be read and why.
    """

    name: str = ""
    version: str = ""
    requires_python: str = ""
    requires_python_at: Place | None = None
    files: tuple[str, ...] = ()
    locks: tuple[str, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    sections: tuple[Section, ...] = ()
    includes: tuple[tuple[str, str], ...] = ()
    scripts: tuple[tuple[str, str, str], ...] = ()
    problems: tuple[str, ...] = ()

    def declared(self, name: str) -> tuple[Dependency, ...]:
        """Return the declarations of a distribution, whatever the spelling of its name."""
        wanted = canonical(name)
        return tuple(one for one in self.dependencies if one.name == wanted)

    def section(self, group: str = "") -> Section | None:
        """Return where the requirements of a group are listed, the first in order of the formats' authority."""
        return next((one for one in self.sections if one.group == group), None)


@dataclass(frozen=True)
class Part:
    """What one file contributes; the parts of all files make the `Metadata`."""

    name: str = ""
    version: str = ""
    requires_python: str = ""
    requires_python_line: int = 0
    dependencies: tuple[Dependency, ...] = ()
    sections: tuple[Section, ...] = ()
    includes: tuple[tuple[str, str], ...] = ()
    scripts: tuple[tuple[str, str, str], ...] = ()
    problem: str = ""


def canonical(name: str) -> str:
    """Return a distribution's name in its normal form (PEP 503)."""
    return str(_SEPARATORS.sub("-", name)).lower()


def name_of(requirement: str) -> str:
    """Return the normal name of the distribution that a requirement asks for, '' when it names none (a path, a URL)."""
    if "://" in requirement.partition("@")[0] or requirement.lstrip().startswith((".", "/")):
        return ""
    found = _NAME.search(requirement)
    return canonical(found.group(1)) if found else ""


def dependency(requirement: str, section: Section, line: int) -> Dependency:
    """Return the dependency that `requirement` declares on a line of a section."""
    return Dependency(name_of(requirement), requirement.strip(), section.file, line, section.group, section.format)
