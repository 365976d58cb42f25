"""Put back the version that worked, or free the one asked for, where the resolver says that no such version exists.

uv and Poetry do not list what there is; the last good version of the metadata knows, else any version is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.codebase.metadata import Dependency, canonical, read
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._pins import specifier_of, with_specifier
from bot.strategies._workflows import told

_ABSENT = re2.compile(
    r"(?:there (?:is|are) no versions? of|No matching distribution found for|doesn't match any versions.*?depends on)"
    r"\s+([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*\(?([=<>~!^][^\s)]*)"
)


@strategy(causes=("dependency-conflict", "dependency"), trust="review", prior=0.7)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each declared requirement of which the resolver found no version."""
    for name, _ in dict.fromkeys(_ABSENT.findall(told(diagnosis, codebase))):
        for one in codebase.metadata.declared(canonical(name)):
            if specifier_of(one):
                yield from _freed(one, codebase)


def _freed(one: Dependency, codebase: Codebase) -> Iterable[Proposal]:
    good = _good(one, codebase)
    specifier = good or ""
    edits = with_specifier(one, specifier, codebase)
    if edits:
        what = f"{one.name}{specifier}" if good else f"any version of {one.name}"
        since = "the last good version asked for it" if good else "which versions there are is not said"
        yield Proposal(
            strategy="absent_version",
            title=f"Ask for {what} in {one.file}",
            edits=edits,
            confidence=0.8 if good else 0.6,
            why=f"there is no version for `{one.requirement}`; {since}.",
        )


def _good(one: Dependency, codebase: Codebase) -> str:
    """Return the other specifier that the last good version had, '' when it had none or the same."""
    before = read(codebase.good).declared(one.name) if codebase.good else ()
    kept = [specifier_of(each) for each in before if each.file == one.file and each.group == one.group]
    return next((each for each in kept if each and each != specifier_of(one)), "")
