"""Ask for a distribution under the name it has now, where what is imported stays the same.

The table names the place where its maintainers say so. A version is kept where the new name may have it as well.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.codebase import Codebase, of
from bot.codebase.distributions import Renamed, renamed
from bot.codebase.metadata import Dependency
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._pins import specifier_of, with_name, with_specifier


@strategy(causes=("renamed-distribution",), trust="review", prior=0.8)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield the requirement under its new name, with its version and without."""
    new = renamed(diagnosis.details.get("what", ""))
    for one in codebase.metadata.declared(diagnosis.details["what"]) if new and new.same_import else ():
        kept = with_name(one, new.now, codebase) if new else ()
        if new and kept:
            yield _proposal(one, new, kept, 0.8)
            free = _without_version(new.now, kept) if specifier_of(one) else ()
            if free:
                yield _proposal(one, new, free, 0.7, ", any version")


def _without_version(name: str, kept: tuple[FileEdit, ...]) -> tuple[FileEdit, ...]:
    after = of({edit.path: edit.text or "" for edit in kept})
    return next((with_specifier(one, "", after) for one in after.metadata.declared(name)), ())


def _proposal(one: Dependency, new: Renamed, edits: tuple[FileEdit, ...], confidence: float, how: str = "") -> Proposal:
    return Proposal(
        strategy="renamed_distribution",
        title=f"Ask for {new.now} instead of {one.name} in {one.file}{how}",
        edits=edits,
        confidence=confidence,
        why=f"{one.name} goes on as {new.now}, see {new.source}; what is imported keeps its name.",
    )
