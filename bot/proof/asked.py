"""Which distributions a cause calls for: what the failing imports, fixtures and messages name."""

from __future__ import annotations

from collections.abc import Iterator

import re2

from bot.codebase import Codebase
from bot.codebase.metadata import canonical
from bot.codebase.plugins import plugins
from bot.model import Diagnosis, Failure

_MISSING = re2.compile(
    r"(?:No module named|Cannot find (?:implementation or library stub for )?module named|"
    r"Library stubs not installed for|"
    r"Could not find a version that satisfies the requirement|No matching distribution found for)"
    r"""\s*['"]?([\w.\-]+)"""
)
_NOWHERE = re2.compile(r"([\w.-]+) was not found in the (?:package registry|provided package locations)")
# what builds projects: https://packaging.python.org/en/latest/tutorials/packaging-projects/#choosing-a-build-backend
_BACKENDS = frozenset(
    "setuptools wheel hatchling poetry-core flit-core pdm-backend maturin scikit-build-core meson-python uv-build"
    " setuptools-scm hatch-vcs".split()
)
_WORD = re2.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_.][A-Za-z0-9]+)+")


def asked(diagnosis: Diagnosis, codebase: Codebase) -> frozenset[str]:
    """Return the normal names of the distributions that the cause asks for; others have no place in its patch.

    A module asks for the distribution that is known to provide it, for one of its own name, and for its type stubs. A
    name with a hyphen that a message spells out (`install types-requests`) is asked for by that message. A build that
    fails asks for what builds projects, and one that names a distribution nobody has lets it go.
    """
    found: set[str] = set(_BACKENDS) if diagnosis.details.get("class", "") == "packaging" else set()
    for text in _texts(diagnosis):
        found.update(canonical(name) for name in _NOWHERE.findall(text))
        found.update(canonical(word) for word in _WORD.findall(text) if "-" in word)
        found.update(canonical(plugin) for plugin, _ in plugins(text))
        for module in _MISSING.findall(text):
            found.update(_providers(module, codebase))
    for key in ("module", "package", "distribution", "requirement"):
        found.update(_providers(diagnosis.details.get(key, ""), codebase))
    return frozenset(found - {""})


def _providers(module: str, codebase: Codebase) -> Iterator[str]:
    if module:
        names = {canonical(module), canonical(module.partition(".")[0]), codebase.distributions.known(module)}
        yield from names
        yield from (f"{kind.format(name)}" for name in names if name for kind in ("types-{}", "{}-stubs"))


def _texts(diagnosis: Diagnosis) -> Iterator[str]:
    yield from diagnosis.details.values()
    for failure in diagnosis.failures:
        yield from _of(failure)


def _of(failure: Failure) -> Iterator[str]:
    yield failure.message
    yield failure.root_line
    yield from (value for _, value in failure.details)
