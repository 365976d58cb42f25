"""What a log (and a checkout, when there is one) tells about the repository: its root and its own module names."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from bot.logs.lines import Log
from bot.logs.own import own_names
from bot.logs.paths import is_library, posix, relative, root_of
from bot.logs.patterns import rx

ROOTDIR = rx(r"^rootdir: (?P<path>[^,\n]+?)(?:, (?:configfile|inifile|testpaths).*)?$")
ABSOLUTE = rx(
    r"(?P<path>(?:/home/runner/work|/Users/runner/work|/__w|/home/travis/build|/builds"
    r"|[A-Z]:[/\\]a)[/\\][\w.-]+[/\\][\w.-]+)"
)
SHOWN = rx(r"^(?:E +)?(?:  File \")?(?P<path>[\w./\\-]+\.py)(?:\"|:\d)")
SKIPPED = {".git", ".tox", ".nox", ".venv", "venv", "node_modules", "__pycache__", "build", "dist", ".eggs"}


@dataclass(frozen=True)
class Project:
    """The root that absolute paths start with, the names of own modules, and the files of a checkout by name."""

    root: str = ""
    own: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()

    def path(self, path: str) -> str:
        """Return a path relative to the repository where that is recognisable."""
        short = relative(path, self.root)
        if not self.files or short in self.files or is_library(short):
            return short
        ends = [f for f in self.files if short.endswith("/" + f) or f.endswith("/" + short)]
        return min(ends, key=len) if len(ends) == 1 else short


def project_of(log: Log, checkout: Path | None = None) -> Project:
    """Return what is known of the repository a log belongs to."""
    root = ""
    rootdir = log.first(ROOTDIR)
    if rootdir is not None:
        root = root_of(rootdir["path"]) or posix(rootdir["path"])
    if not root:
        absolute = log.first(ABSOLUTE)
        root = posix(absolute["path"]) if absolute else ""
    own = set(own_names(log, root))
    own |= {part for hit in _some(log) for part in _modules(hit, root)}
    files = _listed(checkout) if checkout else frozenset()
    own |= {part for file in files if file.endswith(".py") for part in _modules(file, "")}
    return Project(root, frozenset(own), files)


def _some(log: Log) -> list[str]:
    found: list[str] = []
    for hit in log.find(SHOWN):
        if not is_library(hit["path"]):
            found.append(hit["path"])
        if len(found) >= 2000:
            break
    return found


def _modules(path: str, root: str) -> list[str]:
    """Return the names a project file can be imported by: its first folder, that of a `src` layout, or itself."""
    parts = relative(path, root).split("/")
    if parts[0] == "" or parts[0].endswith(":"):
        return []
    if parts[0] == "src" and len(parts) > 2:
        parts = parts[1:]
    return [parts[0].removesuffix(".py")]


def _listed(checkout: Path) -> frozenset[str]:
    found: list[str] = []
    for folder, folders, names in os.walk(checkout):
        folders[:] = [name for name in folders if name not in SKIPPED]
        base = Path(folder).relative_to(checkout)
        found.extend((base / name).as_posix() for name in names)
        if len(found) > 50_000:
            break
    return frozenset(found)
