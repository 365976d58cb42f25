"""Ask for a system package under the name it has on the runner's image."""

from __future__ import annotations

from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._workflows import each_line, known, told

_ABSENT = re2.compile(r"Unable to locate package ([\w.+-]+)|Package '?([\w.+-]+)'? has no installation candidate")


@strategy(causes=("missing-dependency", "actions-config", "none"), trust="review", touches="workflows", prior=0.8)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for the packages that the image does not have and whose new name is known."""
    renamed: dict[str, str] = known()["apt"]
    absent = {first or second for first, second in _ABSENT.findall(told(diagnosis, codebase))}
    found = {name: renamed[name] for name in absent if name in renamed}

    def change(line: str) -> str:
        for old, new in found.items() if not line.lstrip().startswith("#") else ():
            line = str(re2.sub(rf"(^|[\s\"'])({re2.escape(old)})($|[\s\"'\\;&])", rf"\g<1>{new}\g<3>", line))
        return line

    edits = each_line(codebase, change) if found else ()
    if edits:
        names = ", ".join(f"{new} instead of {old}" for old, new in sorted(found.items()))
        yield Proposal(
            strategy="workflow_apt",
            title=f"Install {names}",
            edits=edits,
            confidence=0.86,
            why="the image has the package under its new name only.",
        )
