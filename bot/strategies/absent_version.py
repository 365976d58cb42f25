"""Put back the version that worked, or free the one asked for, where the resolver says that no such version exists.

uv and Poetry do not list what there is. The last good version of the metadata knows, or uv says which is the newest;
else any version is asked for.
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
_KINDS = ("==", "~=", ">=")
_ONLY = re2.compile(r"only ([A-Za-z0-9][\w.-]*?)(?:\[[^\]]*\])?<=([0-9][\w.]*) is available")


@strategy(causes=("dependency-conflict", "dependency"), trust="review", prior=0.7)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each declared requirement of which the resolver found no version."""
    text = told(diagnosis, codebase)
    newest = {canonical(name): version for name, version in _ONLY.findall(text)}
    for name in dict.fromkeys([*(canonical(name) for name, _ in _ABSENT.findall(text)), *newest]):
        for one in codebase.metadata.declared(name):
            if specifier_of(one):
                yield from _freed(one, codebase, newest.get(name, ""))


def _freed(one: Dependency, codebase: Codebase, newest: str) -> Iterable[Proposal]:
    good = _good(one, codebase)
    specifier = good or (f"{specifier_of(one)[:2]}{newest}" if newest and specifier_of(one)[:2] in _KINDS else "")
    edits = with_specifier(one, specifier, codebase)
    if edits:
        what = f"{one.name}{specifier}" if specifier else f"any version of {one.name}"
        since = "the last good version asked for it" if good else "which versions there are is not said"
        since = f"{newest} is the newest there is" if newest and not good else since
        yield Proposal(
            strategy="absent_version",
            title=f"Ask for {what} in {one.file}",
            edits=edits,
            confidence=0.8 if good or newest else 0.6,
            why=f"there is no version for `{one.requirement}`; {since}.",
        )


def _good(one: Dependency, codebase: Codebase) -> str:
    """Return the other specifier that the last good version had, '' when it had none or the same."""
    before = read(codebase.good).declared(one.name) if codebase.good else ()
    kept = [specifier_of(each) for each in before if each.file == one.file and each.group == one.group]
    return next((each for each in kept if each and each != specifier_of(one)), "")
