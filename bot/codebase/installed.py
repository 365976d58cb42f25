"""What is installed in a Python environment, read from its folders without running anything."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from bot.codebase.metadata import canonical


def site_packages(environment: Path) -> tuple[Path, ...]:
    """Return the folders of an environment that hold installed packages (POSIX and Windows layouts)."""
    found = [*environment.glob("lib/python*/site-packages"), environment / "Lib" / "site-packages"]
    return tuple(folder for folder in sorted(found) if folder.is_dir())


def packages(environment: Path) -> dict[str, str]:
    """Return the version of every distribution in an environment by normal name."""
    rows = (row for folder in site_packages(environment) for row in _distributions(folder))
    return dict(sorted(rows))


def _distributions(folder: Path) -> Iterator[tuple[str, str]]:
    for entry in os.scandir(folder):
        stem, dot, kind = entry.name.rpartition(".")
        if dot and kind in {"dist-info", "egg-info"}:
            name, _, version = stem.partition("-")
            yield canonical(name), version.partition("-")[0]


def configuration(environment: Path) -> dict[str, str]:
    """Return the values of an environment's pyvenv.cfg, empty when it is no virtual environment."""
    try:
        text = (environment / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    rows = (line.partition("=") for line in text.splitlines())
    return {key.strip().lower(): value.strip() for key, equals, value in rows if equals}


def interpreter(environment: Path) -> Path | None:
    """Return the interpreter of an environment, or None when it has none."""
    found = (environment / "bin" / "python", environment / "Scripts" / "python.exe")
    return next((path for path in found if path.exists()), None)
