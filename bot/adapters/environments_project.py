"""Makes an environment know the project by name and version without building it: its code is on the import path.

Programs that ask `importlib.metadata` about themselves, and plug-ins that are found by entry point, work as installed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

import re2
from packaging.version import InvalidVersion, Version

from bot.codebase import installed, metadata
from bot.codebase.metadata import canonical

_UNKNOWN = "0.0.0"
_VERSION_FILES = ("__init__.py", "_version.py", "version.py", "__about__.py", "__version__.py")
_VERSION_LINE = re2.compile(r"(?m)^(?:__version__|version|VERSION)\s*(?::\s*\w+\s*)?=\s*(.+)$")
_TARGET = re2.compile(r"^[A-Za-z_][\w.]*(:[A-Za-z_][\w.]*)?$")
_SCRIPT = """#!/bin/sh
'''exec' "$(dirname -- "$(realpath -- "$0")")"/'python' "$0" "$@"
' '''
import sys
from {module} import {first}
sys.exit({function}())
"""


def write_distribution(environment: Path, files: Mapping[str, str]) -> None:
    """Write the project's metadata and console scripts into an environment; nothing when it has no name."""
    declared = metadata.read(files)
    folders = installed.site_packages(environment)
    if not declared.name or not folders or canonical(declared.name) in installed.packages(environment):
        return
    version = project_version(files, declared)
    stem = f"{canonical(declared.name).replace('-', '_')}-{version}.dist-info"
    contents = {
        "METADATA": f"Metadata-Version: 2.1\nName: {declared.name}\nVersion: {version}\n"
        + "".join(_requires(declared)),
        "INSTALLER": "selfheal\n",
        "RECORD": f"{stem}/METADATA,,\n{stem}/INSTALLER,,\n{stem}/entry_points.txt,,\n",
        "entry_points.txt": "".join(_entry_points(declared)),
    }
    folder = folders[0] / stem
    folder.mkdir()
    for name, text in contents.items():
        (folder / name).write_text(text, encoding="utf-8")
    for group, name, target in declared.scripts:
        if group == "console_scripts" and "/" not in name:
            _write_script(environment / "bin" / name, target)


def _requires(declared: metadata.Metadata) -> Iterator[str]:
    yield from (f"Requires-Dist: {one.requirement}\n" for one in declared.dependencies if one.group == "")


def _entry_points(declared: metadata.Metadata) -> Iterator[str]:
    for group, rows in groupby(sorted(declared.scripts), key=lambda row: row[0]):
        yield f"[{group}]\n" + "".join(f"{name} = {target}\n" for _, name, target in rows) + "\n"


def _write_script(path: Path, target: str) -> None:
    plain = target.partition("[")[0].replace(" ", "")
    module, _, function = plain.partition(":")
    if path.exists() or not function or not _TARGET.match(plain):
        return
    first = function.partition(".")[0]
    path.write_text(_SCRIPT.format(module=module, first=first, function=function), encoding="utf-8")
    path.chmod(0o755)


def project_version(files: Mapping[str, str], declared: metadata.Metadata) -> str:
    """Return the version that the files name: declared, else assigned as a literal in the package, else 0.0.0."""
    for text in (declared.version, *_assigned(files)):
        try:
            return str(Version(text))
        except InvalidVersion:
            continue
    return _UNKNOWN


def _assigned(files: Mapping[str, str]) -> Iterator[str]:
    paths = [path for path in files if path.rpartition("/")[2] in _VERSION_FILES and path.count("/") <= 2]
    for path in sorted(paths, key=lambda one: (one.count("/"), one)):
        for found in _VERSION_LINE.finditer(files[path]):
            try:
                yield str(ast.literal_eval(found.group(1).partition("#")[0].strip()))
            except (ValueError, SyntaxError):
                continue
