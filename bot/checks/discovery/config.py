"""What a project's configuration files say, as one view over TOML and ini files."""

from __future__ import annotations

import configparser
import tomllib
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from bot.codebase import metadata

PYPROJECT = "pyproject.toml"


class Config:
    """The configuration of a project: TOML tables, ini sections, pinned tools; broken files count as empty."""

    def __init__(self, files: Mapping[str, str]) -> None:
        """Read lazily from the files of a project, paths relative to it."""
        self.files = files

    @cached_property
    def pyproject(self) -> dict[str, Any]:
        """Return pyproject.toml as values."""
        return toml_values(self.files.get(PYPROJECT, ""))

    @cached_property
    def metadata(self) -> metadata.Metadata:
        """Return what the project declares."""
        return metadata.read(self.files)

    def tool(self, name: str) -> dict[str, Any] | None:
        """Return the table `[tool.NAME]`, or None when there is none."""
        found = self.pyproject.get("tool", {})
        value = found.get(name) if isinstance(found, dict) else None
        return value if isinstance(value, dict) else None

    def section(self, file: str, name: str) -> dict[str, str] | None:
        """Return a section of an ini file, or None when there is none."""
        parsed = self._ini(file)
        return dict(parsed[name]) if name in parsed else None

    def _ini(self, file: str) -> configparser.ConfigParser:
        parsed = configparser.ConfigParser(interpolation=None, strict=False, allow_no_value=True)
        try:
            parsed.read_string(self.files.get(file, ""))
        except configparser.Error:
            return configparser.ConfigParser()
        return parsed

    def requirements(self, distribution: str) -> tuple[str, ...]:
        """Return the requirements under which the project declares a tool, none when it does not.

        One that pins it exactly is enough; several of one group that differ by their markers belong together.
        """
        declared = self.metadata.declared(distribution)
        exact = [one for one in declared if "==" in one.requirement and ";" not in one.requirement]
        first = next(iter((*exact, *declared)), None)
        if first is None or ";" not in first.requirement:
            return (first.requirement,) if first else ()
        return tuple(one.requirement for one in declared if (one.file, one.group) == (first.file, first.group))

    def declares(self, distribution: str) -> bool:
        """Return whether any metadata file asks for a distribution."""
        return bool(self.metadata.declared(distribution))


def toml_values(text: str) -> dict[str, Any]:
    """Return TOML text as values, an empty dict when it is broken."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}
