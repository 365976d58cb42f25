"""Ask for a version that exists: the installer lists what there is, and the declared one is not among it.

The nearest existing version of the same series is taken, else the newest; a misspelt name is corrected when nothing
of that name exists and one well-known distribution is one slip away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import re2
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from bot.codebase import Codebase
from bot.codebase.metadata import Dependency, canonical, name_of
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._distributions import known_names
from bot.strategies._near import nearest
from bot.strategies._pins import specifier_of, with_name, with_specifier
from bot.strategies._workflows import told

_VERSIONS = re2.compile(r"satisfies the requirement ([^\s(]+).*?\(from versions: ([^)]*)\)")


def _parsed(texts: str) -> list[Version]:
    found = []
    for text in texts.split(","):
        try:
            found.append(Version(text.strip()))
        except InvalidVersion:
            continue
    return sorted(version for version in found if not version.is_prerelease)


def _wanted(specifier: str) -> Version | None:
    for part in specifier.split(","):
        digits = part.strip().lstrip("=<>~!^ ").removesuffix(".*")
        try:
            return Version(digits)
        except InvalidVersion:
            continue
    return None


def existing(specifier: str, versions: list[Version]) -> str:
    """Return a specifier of the same kind that some version satisfies, '' when the old one is satisfied or odd."""
    wanted = _wanted(specifier)
    try:
        satisfied = any(SpecifierSet(specifier).contains(version) for version in versions)
    except InvalidSpecifier:
        return ""
    if wanted is None or satisfied or not versions:
        return ""
    series = [v for v in versions if v.release[:1] == wanted.release[:1]]
    below = [version for version in series if version <= wanted]
    best = (below or series or versions)[-1] if below or not series else series[0]
    operator = next((o for o in ("==", "~=", ">=", "<=") if specifier.startswith(o)), ">=")
    return f"{operator}{best}"


def _edits(one: Dependency, versions: list[Version], codebase: Codebase) -> tuple[tuple[FileEdit, ...], str]:
    if versions:
        specifier = existing(specifier_of(one), versions)
        return (with_specifier(one, specifier, codebase), f"{one.name}{specifier}") if specifier else ((), "")
    near = nearest(one.name, known_names())
    return (with_name(one, near[0], codebase), near[0]) if near and one.name not in known_names() else ((), "")


def _rows(diagnosis: Diagnosis, codebase: Codebase) -> Iterator[tuple[Dependency, list[Version]]]:
    for requirement, versions in dict.fromkeys(_VERSIONS.findall(told(diagnosis, codebase))):
        for one in codebase.metadata.declared(canonical(name_of(requirement))):
            yield one, _parsed("" if versions.strip() == "none" else versions)


@strategy(causes=("dependency-conflict", "dependency"), trust="review", prior=0.8)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each declared requirement that nothing satisfies."""
    for one, versions in _rows(diagnosis, codebase):
        edits, what = _edits(one, versions, codebase)
        if edits:
            yield Proposal(
                strategy="no_such_version",
                title=f"Ask for {what} in {one.file}",
                edits=edits,
                confidence=0.8 if versions else 0.7,
                why=f"nothing satisfies `{one.requirement}`; the index has {_listed(versions)}.",
            )


def _listed(versions: list[Version]) -> str:
    return f"{', '.join(str(version) for version in versions[-3:])} at the newest" if versions else "no such name"
