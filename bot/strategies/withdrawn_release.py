"""Let go of a release that was withdrawn from its index: the last good version's wish, else any other release.

The index gave the reason while the environment was made; which release comes instead is the installer's choice, and
the proof installs it.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.codebase import Codebase
from bot.codebase.metadata import Dependency, read
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._pins import specifier_of, with_specifier


@strategy(causes=("withdrawn-release",), trust="review", prior=0.7)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each requirement that asks for exactly the release that was withdrawn."""
    name, version = diagnosis.details.get("what", ""), diagnosis.details.get("version", "")
    for one in codebase.metadata.declared(name) if version else ():
        if specifier_of(one).replace(" ", "") in (f"=={version}", f"==={version}"):
            good = _good(one, codebase)
            edits = with_specifier(one, good or f"!={version}", codebase)
            if edits:
                since = "; the last good version asked for this" if good else ""
                yield Proposal(
                    strategy="withdrawn_release",
                    title=f"Ask for {one.name}{good or f'!={version}'} in {one.file}",
                    edits=edits,
                    confidence=0.8 if good else 0.7,
                    why=f"{one.name} {version} was withdrawn from its index"
                    f"{_because(diagnosis.details.get('reason', ''))}{since}.",
                )


def _because(reason: str) -> str:
    return f" ({reason})" if reason else ""


def _good(one: Dependency, codebase: Codebase) -> str:
    """Return the other specifier that the last good version had, '' when it had none or the same."""
    before = read(codebase.good).declared(one.name) if codebase.good else ()
    kept = [specifier_of(each) for each in before if each.file == one.file and each.group == one.group]
    return next((each for each in kept if each and each != specifier_of(one)), "")
