"""Lock files, read as constraints: one exact version for a distribution, with the hashes it was locked with."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import re2

from bot.codebase.metadata.model import canonical

_HASHED = re2.compile(r"--hash[= ](sha(?:256|384|512):[0-9a-f]+)")
_EXACT = re2.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*==\s*([^\s;\\,]+)")


@dataclass(frozen=True)
class Locked:
    """One distribution at one version; `hashes` are `sha256:...`, none when the lock holds none."""

    name: str
    version: str
    hashes: tuple[str, ...] = ()

    def constraint(self) -> str:
        """Return the line of a constraints file that allows this version, and these files, alone."""
        return " ".join([f"{self.name}=={self.version}", *(f"--hash={one}" for one in self.hashes)])


def locked(files: Mapping[str, str], paths: tuple[str, ...]) -> tuple[Locked, ...]:
    """Return what the lock files at `paths` fix; a distribution that is locked at several versions is left out."""
    found: dict[str, Locked | None] = {}
    for path in paths:
        rows = dict[str, Locked | None]()
        for one in _read(path, files.get(path, "")):
            rows[one.name] = one if rows.get(one.name, one) == one else None
        found = rows | found
    return tuple(one for _, one in sorted(found.items()) if one)


def _read(path: str, text: str) -> Iterator[Locked]:
    reader = _READERS.get(PurePosixPath(path).name, _hashed_requirements)
    try:
        yield from reader(text)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return


def _packages(text: str, key: str) -> Iterator[dict[str, Any]]:
    yield from (one for one in tomllib.loads(text).get(key, ()) if "version" in one)


def _uv(text: str) -> Iterator[Locked]:
    for one in _packages(text, "package"):
        if "registry" in one.get("source", {}):
            archives = [*one.get("wheels", ()), *([one["sdist"]] if "sdist" in one else [])]
            yield _row(one, [archive.get("hash", "") for archive in archives])


def _poetry(text: str) -> Iterator[Locked]:
    old = tomllib.loads(text).get("metadata", {}).get("files", {})
    for one in _packages(text, "package"):
        if one.get("source", {}).get("type", "legacy") == "legacy":
            yield _row(one, [archive.get("hash", "") for archive in one.get("files") or old.get(one["name"], ())])


def _pylock(text: str) -> Iterator[Locked]:
    for one in _packages(text, "packages"):
        archives = [*one.get("wheels", ()), *([one["sdist"]] if "sdist" in one else [])]
        sums = [archive.get("hashes", {}).get("sha256", "") for archive in archives]
        if archives:
            yield _row(one, [f"sha256:{one}" for one in sums if one])


def _pipfile(text: str) -> Iterator[Locked]:
    data = json.loads(text)
    for group in ("default", "develop"):
        for name, one in data.get(group, {}).items():
            if str(one.get("version", "")).startswith("=="):
                yield _row({"name": name, "version": one["version"][2:]}, one.get("hashes", ()))


def _hashed_requirements(text: str) -> Iterator[Locked]:
    """Yield the lines of a requirements file that carry hashes; the others are requirements, no lock."""
    for line in text.replace("\\\r\n", " ").replace("\\\n", " ").splitlines():
        hashes = [found.group(1) for found in _HASHED.finditer(line)]
        exact = _EXACT.match(line)
        if hashes and exact:
            yield _row({"name": exact.group(1), "version": exact.group(2)}, hashes)


def _row(one: Mapping[str, Any], hashes: Any) -> Locked:
    # One file without a hash would make the others useless: what it is can't be known.
    known = tuple(dict.fromkeys(str(text) for text in hashes))
    return Locked(canonical(str(one["name"])), str(one["version"]), known if all(known) else ())


_READERS: Mapping[str, Callable[[str], Iterator[Locked]]] = {
    "uv.lock": _uv,
    "poetry.lock": _poetry,
    "pdm.lock": _poetry,
    "pylock.toml": _pylock,
    "Pipfile.lock": _pipfile,
}
