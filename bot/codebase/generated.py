"""Files that a project's build writes and its code imports: version modules of setuptools-scm, Hatch and PDM.

A checkout that was never built lacks them, and nothing of the project is run to build it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from bot.codebase.metadata.pyproject import table

_VERSION = "0.0.0"
_MODULE = f"""version = __version__ = "{_VERSION}"
version_tuple = __version_tuple__ = (0, 0, 0)
commit_id = __commit_id__ = None
"""


def generated(files: Mapping[str, str]) -> dict[str, str]:
    """Return the version modules that the build configuration names and the files lack, by path."""
    try:
        data = tomllib.loads(files.get("pyproject.toml", ""))
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}
    named = {path.removeprefix("./") for path in _named(data) if isinstance(path, str)}
    return {path: _MODULE for path in sorted(named) if path not in files and _plain(path)}


def _plain(path: str) -> bool:
    return path.endswith(".py") and not path.startswith("/") and ".." not in path.split("/")


def _named(data: dict[str, Any]) -> Iterator[Any]:
    scm = table(data, "tool", "setuptools_scm") or table(data, "tool", "setuptools-scm")
    yield from (scm.get("write_to"), scm.get("version_file"))
    yield table(data, "tool", "hatch", "build", "hooks", "vcs").get("version-file")
    yield table(data, "tool", "pdm", "version").get("write_to")
