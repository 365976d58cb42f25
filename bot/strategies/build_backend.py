"""Ask for what the build of a project needs: its backend, and what its setup.py imports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import re2

from bot.codebase import Codebase
from bot.codebase.metadata import canonical, name_of
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._declare import insert
from bot.strategies._distributions import distribution_of
from bot.strategies._lacking import NO_MODULE
from bot.strategies._library import STANDARD
from bot.strategies._near import nearest
from bot.strategies._text import edit
from bot.strategies._workflows import told

_BACKEND = re2.compile(r"(?:Cannot import|BackendUnavailable[^']*|build backend is not available[^']*) '([\w.:]+)'")
# backend -> requirement; source: the "build-system" section of each backend's documentation
_BACKENDS = {
    "setuptools.build_meta": "setuptools>=61", "hatchling.build": "hatchling", "poetry.core.masonry.api": "poetry-core",
    "flit_core.buildapi": "flit_core>=3.2,<4", "pdm.backend": "pdm-backend", "maturin": "maturin>=1,<2",
    "scikit_build_core.build": "scikit-build-core", "mesonpy": "meson-python", "uv_build": "uv_build",
    "setuptools.build_meta:__legacy__": "setuptools>=61", "jupyter_packaging.build_api": "jupyter_packaging",
}  # fmt: skip


def _required(requirement: str, codebase: Codebase) -> tuple[FileEdit, ...]:
    """Return the edit that adds a requirement to `[build-system] requires`."""
    section = next((one for one in codebase.metadata.sections if one.format == "build"), None)
    if section is None or not section.file.endswith("pyproject.toml"):
        return ()
    entries = tuple(o for o in codebase.metadata.dependencies if o.format == "build" and o.file == section.file)
    if any(one.name == canonical(name_of(requirement)) for one in entries):
        return ()
    text = codebase.text(section.file)
    return edit(section.file, text, insert(text, section, entries, requirement) or text)


def _spelt(backend: str, codebase: Codebase) -> tuple[FileEdit, ...]:
    """Return the edit that corrects a misspelt backend."""
    near, text = nearest(backend, _BACKENDS), codebase.files.get("pyproject.toml", "")
    return edit("pyproject.toml", text, text.replace(f'"{backend}"', f'"{near[0]}"')) if near else ()


def _misspelt(said: str, codebase: Codebase) -> Iterator[tuple[str, tuple[FileEdit, ...]]]:
    """Yield the corrections of a backend that can't be imported and of a requirement of the build that nobody has."""
    text = codebase.files.get("pyproject.toml", "")
    for module in dict.fromkeys(NO_MODULE.findall(said)):
        if module not in _BACKENDS and f'"{module}"' in text:
            near = nearest(module, _BACKENDS)
            yield (near[0] if near else module), _spelt(module, codebase)
    known = {name_of(requirement) for requirement in _BACKENDS.values()} | {"setuptools-scm", "hatch-vcs", "wheel"}
    for one in codebase.metadata.dependencies:
        if one.format != "build" or one.name in map(canonical, known) or one.name not in said:
            continue
        near = nearest(one.name, known)
        if near:
            changed = text.replace(f'"{one.name}', f'"{near[0]}', 1)
            yield near[0], edit("pyproject.toml", text, changed)


def _wanted(said: str, codebase: Codebase) -> Iterator[tuple[str, tuple[FileEdit, ...]]]:
    for backend in dict.fromkeys(_BACKEND.findall(said)):
        if backend in _BACKENDS:
            yield _BACKENDS[backend], _required(_BACKENDS[backend], codebase)
        else:
            yield backend, _spelt(backend, codebase)
    yield from _misspelt(said, codebase)
    for module in dict.fromkeys(NO_MODULE.findall(said)):
        top = module.partition(".")[0]
        known = next((r for name, r in _BACKENDS.items() if name.partition(".")[0] == top), "")
        requirement = known or distribution_of(top, codebase)
        if requirement and top not in STANDARD:
            yield requirement, _required(requirement, codebase)


@strategy(causes=("packaging",), trust="glance", prior=0.85)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each thing that the build could not import."""
    for what, edits in _wanted(told(diagnosis, codebase), codebase):
        if edits:
            yield Proposal(
                strategy="build_backend",
                title=f"Let the build have {what}",
                edits=edits,
                confidence=0.88,
                why="the build runs in an environment of its own, with what `build-system.requires` asks for.",
            )
