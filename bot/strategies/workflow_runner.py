"""Move a workflow from a runner image that was removed to the oldest one that is still offered."""

from __future__ import annotations

from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._workflows import each_line, known, told

_IMAGE = re2.compile(r"(?i)\b(ubuntu-\d\d\.04|macos-1[0-5](?:\.15)?|windows-20\d\d)\b")


@strategy(causes=("actions-config", "timeout"), trust="glance", touches="workflows", prior=0.8)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal when the log names an image that was removed."""
    gone = {image.lower() for image in _IMAGE.findall(told(diagnosis, codebase))} & known()["runners"].keys()

    def change(line: str) -> str:
        if line.lstrip().startswith("#"):
            return line
        for image in gone:
            line = str(re2.compile(rf"\b{re2.escape(image)}\b").sub(known()["runners"][image], line))
        return line

    edits = each_line(codebase, change) if gone else ()
    if edits:
        names = ", ".join(f"{known()['runners'][image]} instead of {image}" for image in sorted(gone))
        yield Proposal(
            strategy="workflow_runner",
            title=f"Run on {names}",
            edits=edits,
            confidence=0.88,
            why="GitHub removed this image; jobs that ask for it never start.",
        )
