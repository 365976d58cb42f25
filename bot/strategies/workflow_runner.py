"""Move a workflow from a runner image that was removed, or never was, to one that is offered."""

from __future__ import annotations

from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._near import nearest
from bot.strategies._workflows import each_line, known, told

_IMAGE = re2.compile(r"(?i)\b(ubuntu|macos|windows)[- ](\d\d\.04|1[0-5](?:\.15)?|20\d\d)\b")
_UNKNOWN = re2.compile(r"No runner matching the specified labels was found: ([\w.-]+)")


def _meant(said: str) -> Iterable[tuple[str, str]]:
    """Yield the labels that no runner has, each with the image that it is one slip away from."""
    for label in _UNKNOWN.findall(said):
        near = nearest(label, {"ubuntu-latest", "macos-latest", "windows-latest", *known()["runners"].values()})
        if near:
            yield label, near[0]


@strategy(causes=("actions-config", "timeout"), trust="glance", touches="workflows", prior=0.8)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal when the log names an image that was removed."""
    said, removed = told(diagnosis, codebase), known()["runners"]
    instead = {f"{system}-{number}".lower() for system, number in _IMAGE.findall(said)} & removed.keys()
    renamed = {image: removed[image] for image in instead} | dict(_meant(said))

    def change(line: str) -> str:
        if line.lstrip().startswith("#"):
            return line
        for image, offered in renamed.items():
            line = str(re2.compile(rf"\b{re2.escape(image)}\b").sub(offered, line))
        return line

    edits = each_line(codebase, change) if renamed else ()
    if edits:
        names = ", ".join(f"{offered} instead of {image}" for image, offered in sorted(renamed.items()))
        yield Proposal(
            strategy="workflow_runner",
            title=f"Run on {names}",
            edits=edits,
            confidence=0.88,
            why="GitHub offers no such image; jobs that ask for it never start.",
        )
