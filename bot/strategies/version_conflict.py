"""Relax the project's own requirement that stands against what its other dependencies need.

The installer's explanation names both sides. The own bound takes on the range that the others need; where two
dependencies disagree, the one that the project pins is let free upwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import re2
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from bot.codebase import Codebase
from bot.codebase.metadata import Dependency, canonical
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._pins import specifier_of, with_specifier
from bot.strategies._workflows import told

_SPEC = r"((?:[<>=!~]=?=?\s*[\w.*+!-]+)(?:\s*(?:,|and)\s*(?:[<>=!~]=?=?\s*[\w.*+!-]+))*)"
_NEEDS = re2.compile(
    rf"([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?(?:\s*==\s*|\s+)?\(?(\d[\w.]*)?\)?\s+(?:which\s+)?depends on"
    rf" ([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*\(?{_SPEC}\)?"
)
_OURS = frozenset({"project", "you", "user"})


@dataclass(frozen=True)
class _Need:
    """One line of the explanation: which dependency, in which version, needs which range of what."""

    who: str
    version: str
    name: str
    specifier: str


def _needs(text: str, own: str) -> Iterator[_Need]:
    for who, version, name, specifier in _NEEDS.findall(text):
        if who.lower() not in _OURS and canonical(who) != own:
            spec = specifier.replace(" and ", ",").replace(" ", "")
            yield _Need(canonical(who), version, canonical(name), spec)


def _disjoint(first: str, second: str) -> bool:
    """Return whether a pin lies outside a range; ranges are taken to meet unless a pin says otherwise."""
    try:
        pins = [s.version for s in SpecifierSet(first) if s.operator == "==" and "*" not in s.version]
        other = SpecifierSet(second)
        return any(not other.contains(pin, prereleases=True) for pin in pins)
    except InvalidSpecifier:
        return False


def _adapted(one: Dependency, needs: list[_Need], codebase: Codebase) -> Proposal | None:
    """Return the proposal that gives an own requirement the range that the dependencies need."""
    ranges = list(dict.fromkeys(need.specifier for need in needs if need.name == one.name))
    own = specifier_of(one)
    if len(ranges) != 1 or not own or ranges[0] == own or not _differs(own, ranges[0]):
        return None
    edits = with_specifier(one, ranges[0], codebase)
    who = ", ".join(dict.fromkeys(need.who for need in needs if need.name == one.name))
    return (
        Proposal(
            strategy="version_conflict",
            title=f"Ask for {one.name}{ranges[0]} in {one.file}",
            edits=edits,
            confidence=0.75,
            why=f"`{one.requirement}` stands against what {who} needs.",
        )
        if edits
        else None
    )


def _differs(own: str, other: str) -> bool:
    return _disjoint(own, other) or _disjoint(other, own) or any(mark in own for mark in "<>~")


def _freed(one: Dependency, needs: list[_Need], codebase: Codebase) -> Proposal | None:
    """Return the proposal that lets a pinned dependency rise, because what this version needs can't be had."""
    own = specifier_of(one)
    if not own.startswith("==") or not any(need.who == one.name for need in needs):
        return None
    edits = with_specifier(one, f">={own.removeprefix('==').strip()}", codebase)
    return (
        Proposal(
            strategy="version_conflict",
            title=f"Let {one.name} rise above {own.removeprefix('==')} in {one.file}",
            edits=edits,
            confidence=0.6,
            why=f"`{one.requirement}` needs what another requirement excludes; a newer version may not.",
        )
        if edits
        else None
    )


@strategy(causes=("dependency-conflict", "dependency"), trust="review", prior=0.75)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield the ways to make one own requirement fit, the smallest change first."""
    details = [failure.detail("reason") for failure in diagnosis.failures]
    text = "\n".join([told(diagnosis, codebase), *details])
    needs = list(_needs(text, canonical(codebase.metadata.name)))
    for make in (_adapted, _freed):
        for one in codebase.metadata.dependencies:
            made = make(one, needs, codebase)
            if made:
                yield made
