"""What a project declares about itself, in every format that is in use, with the lines where it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from bot.codebase.metadata import lines, pyproject, setup_py
from bot.codebase.metadata.model import (
    Dependency,
    Format,
    Metadata,
    Part,
    Place,
    Section,
    canonical,
    name_of,
)

__all__ = [
    "Dependency",
    "Format",
    "Metadata",
    "Place",
    "Section",
    "canonical",
    "joined",
    "metadata_files",
    "name_of",
    "read",
]

_READERS: dict[str, Callable[[str, str], Part]] = {
    "pyproject.toml": pyproject.read,
    "setup.cfg": lines.read_setup_cfg,
    "setup.py": setup_py.read,
    "Pipfile": lines.read_pipfile,
    "environment.yml": lines.read_conda,
    "environment.yaml": lines.read_conda,
    "tox.ini": lines.read_tox,
}
_LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml")


def metadata_files(files: Mapping[str, str], folder: str = ".") -> tuple[str, ...]:
    """Return the metadata files of the project in `folder`, the most authoritative first."""
    prefix = "" if folder == "." else f"{folder}/"
    fixed = [prefix + name for name in _READERS if prefix + name in files]
    return (*fixed, *sorted(path for path in files if path.startswith(prefix) and _requirements(path[len(prefix) :])))


def _requirements(path: str) -> bool:
    """Return whether a path is a requirements file by custom: at the top, or in a folder named after them."""
    pure = PurePosixPath(path)
    if pure.suffix not in {".txt", ".in"} or len(pure.parts) > 2:
        return False
    named = "requirements" in pure.stem.lower() or pure.stem.lower() in {"reqs", "dev-reqs", "test-reqs"}
    return named if len(pure.parts) == 1 else named or pure.parts[0].lower() in {"requirements", "reqs"}


def read(files: Mapping[str, str], folder: str = ".") -> Metadata:
    """Return what the project in `folder` declares; the first file that names a fact (version, Python) decides it."""
    prefix = "" if folder == "." else f"{folder}/"
    paths = metadata_files(files, folder)
    parts = {path: _reader(path)(path, files[path]) for path in paths}
    for path, group in _dynamic(files, prefix).items():
        if path in parts:
            parts[path] = regrouped(parts[path], group)
    python = next((path for path, part in parts.items() if part.requires_python), "")
    return Metadata(
        name=next((part.name for part in parts.values() if part.name), ""),
        version=next((part.version for part in parts.values() if part.version), ""),
        requires_python=parts[python].requires_python if python else "",
        requires_python_at=Place(python, parts[python].requires_python_line) if python else None,
        files=paths,
        locks=tuple(prefix + name for name in _LOCKS if prefix + name in files),
        dependencies=tuple(one for part in parts.values() for one in part.dependencies if one.name),
        sections=tuple(one for part in parts.values() for one in part.sections),
        includes=tuple(one for part in parts.values() for one in part.includes),
        scripts=tuple(dict.fromkeys(_all_scripts(parts))),
        problems=tuple(part.problem for part in parts.values() if part.problem),
    )


def joined(parts: Sequence[Metadata]) -> Metadata:
    """Return several projects' metadata as one; facts of which there can be one only are those of the first."""
    if len(parts) == 1:
        return parts[0]
    first = next((part for part in parts if part.requires_python), Metadata())
    return Metadata(
        name=next((part.name for part in parts if part.name), ""),
        version=next((part.version for part in parts if part.version), ""),
        requires_python=first.requires_python,
        requires_python_at=first.requires_python_at,
        files=tuple(one for part in parts for one in part.files),
        locks=tuple(one for part in parts for one in part.locks),
        dependencies=tuple(one for part in parts for one in part.dependencies),
        sections=tuple(one for part in parts for one in part.sections),
        includes=tuple(one for part in parts for one in part.includes),
        scripts=tuple(one for part in parts for one in part.scripts),
        problems=tuple(one for part in parts for one in part.problems),
    )


def _dynamic(files: Mapping[str, str], prefix: str) -> dict[str, str]:
    """Return the group of the requirements files that setuptools takes a project's dependencies from."""
    found = pyproject.dynamic_files(files.get(f"{prefix}pyproject.toml", ""))
    return {prefix + path: group for path, group in found.items()}


def regrouped(part: Part, group: str) -> Part:
    """Return what a requirements file contributes when it stands for another group than its name says."""
    return replace(
        part,
        dependencies=tuple(replace(one, group=group) for one in part.dependencies),
        sections=tuple(replace(one, group=group) for one in part.sections),
        includes=tuple((group, inner) for _, inner in part.includes),
    )


def _all_scripts(parts: Mapping[str, Part]) -> Iterator[tuple[str, str, str]]:
    for part in parts.values():
        yield from part.scripts


def _reader(path: str) -> Callable[[str, str], Part]:
    return _READERS.get(PurePosixPath(path).name, lines.read_requirements)
