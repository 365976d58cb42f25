"""Which distribution gives which import name, and what the standard library has in which version of Python.

Installed metadata decides; then a table of the well-known differences; then the rule that both names are alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from bot.codebase import installed
from bot.codebase.metadata import canonical

NAMESPACES = frozenset(
    {"google", "google.cloud", "azure", "azure.storage", "azure.mgmt", "azure.keyvault", "azure.data", "backports"}
    | {"sphinxcontrib", "jaraco", "zope", "opentelemetry"}
)
"""Packages that many distributions share: the next part of the name belongs to the distribution's name."""
OLDEST, NEWEST = 8, 14


@dataclass(frozen=True)
class Removed:
    """A module that left the standard library: gone since `3.since`; '' where nothing carries it on or replaces it."""

    name: str
    since: int
    distribution: str
    instead: str


@dataclass(frozen=True)
class Renamed:
    """A distribution's name now: whether what it is imported by stayed the same, and where that is said."""

    now: str
    same_import: bool
    source: str


class Distributions:
    """The map between import names and distributions, of one environment or of the table alone."""

    def __init__(self, environment: Path | None = None) -> None:
        """Read what is installed in `environment` when it is first asked for."""
        self._installed = cache(lambda: import_names(environment) if environment else {})

    def of(self, module: str) -> str:
        """Return the distribution that gives a (dotted) module, in normal form; a guess by name when nothing tells."""
        return self.known(module) or guessed(module)

    def known(self, module: str) -> str:
        """Return the distribution that gives a module by installed metadata or the table, '' when neither tells."""
        for tables in (self._installed(), _table()):
            for name in _prefixes(module):
                if found := tables.get(name):
                    return canonical(found)
        return ""

    def imports(self, distribution: str) -> tuple[str, ...]:
        """Return the top import names of a distribution, the likeliest when it is not installed."""
        wanted = canonical(distribution)
        for table in (self._installed(), _table()):
            if found := sorted(name for name, owner in table.items() if canonical(owner) == wanted):
                return tuple(found)
        return (wanted.replace("-", "_"),)

    def is_installed(self, module: str) -> bool:
        """Return whether the environment holds a module."""
        return any(name in self._installed() for name in _prefixes(module))


def _prefixes(module: str) -> Iterator[str]:
    parts = module.split(".")
    yield from (".".join(parts[:count]) for count in range(len(parts), 0, -1))


def guessed(module: str) -> str:
    """Return the distribution that a module's name suggests, in normal form."""
    parts = module.split(".")
    count = 1
    while count < len(parts) and ".".join(parts[:count]) in NAMESPACES:
        count += 1
    return canonical("-".join(parts[:count]))


def import_names(environment: Path) -> Mapping[str, str]:
    """Return the distribution of every import name installed in an environment; shared namespaces are left out."""
    found: dict[str, str] = {}
    for folder in installed.site_packages(environment):
        for info in sorted(folder.glob("*.dist-info")):
            owner = info.name.removesuffix(".dist-info").partition("-")[0]
            for name in _provided(info):
                found.setdefault(name, canonical(owner))
    return found


def _provided(info: Path) -> Iterable[str]:
    record = _read(info / "RECORD").splitlines()
    return dict.fromkeys(name for line in record if (name := _import_name(line.partition(",")[0].strip('"'))))


def _import_name(path: str) -> str:
    """Return the shortest import name that a file of a distribution gives alone, '' for files that give none."""
    parts = path.split("/")
    if parts[0].startswith("..") or parts[0].endswith((".dist-info", ".data")) or parts[0] == "__pycache__":
        return ""
    stem, dot, suffix = parts[-1].partition(".")
    if not dot or suffix.rpartition(".")[2] not in {"py", "so", "pyd", "pyi"}:
        return ""
    names = parts[:-1] if stem == "__init__" else [*parts[:-1], stem]
    count = 1
    while count < len(names) and ".".join(names[:count]) in NAMESPACES:
        count += 1
    name = ".".join(names[:count])
    return "" if name in NAMESPACES or not name.replace(".", "").isidentifier() else name


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _rows(name: str) -> list[list[str]]:
    text = resources.files("bot.codebase").joinpath("data", name).read_text(encoding="utf-8")
    return [line.split() for line in text.splitlines() if line and not line.startswith("#")]


@cache
def _table() -> Mapping[str, str]:
    return dict(_rows("imports.txt"))


@cache
def _stdlib() -> Mapping[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for row in _rows("stdlib.txt"):
        if len(row) == 3 and row[1].isdigit():
            found[row[0]] = (int(row[1]), int(row[2]))
        else:
            found.update(dict.fromkeys(row, (OLDEST, NEWEST)))
    return found


def is_stdlib(module: str, python: str = "") -> bool:
    """Return whether a (dotted) module is in the standard library of a Python version, or of any."""
    first, last = _stdlib().get(module.partition(".")[0], (99, 0))
    if not python:
        return first <= last
    return first <= _minor(python) <= last


def removed(module: str, python: str = "3.14") -> Removed | None:
    """Return what became of a module that the standard library once had and does not have in `python`, else None."""
    name = module.partition(".")[0]
    first, last = _stdlib().get(name, (99, 0))
    if not first <= last < _minor(python):
        return None
    row = next((row for row in _rows("removed.txt") if row[0] == name), [name, "-", "-"])
    return Removed(name, last + 1, *(value if value != "-" else "" for value in row[1:3]))


def renamed(distribution: str) -> Renamed | None:
    """Return under which name a distribution goes on, None when it kept its own as far as the table knows."""
    row = _renamed().get(canonical(distribution))
    return Renamed(canonical(row[1]), row[2] == "same", row[3]) if row else None


@cache
def _renamed() -> Mapping[str, list[str]]:
    return {canonical(row[0]): row for row in _rows("renamed.txt")}


def _minor(python: str) -> int:
    """Return the minor version of '3.x[.y]', held between the oldest and the newest that the table knows."""
    parts = python.split(".")
    minor = int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else NEWEST
    return max(OLDEST, min(NEWEST, minor))
