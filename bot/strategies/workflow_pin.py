"""Pin actions to a commit where an audit of the workflows asks for it and the commit of the release is known."""

from __future__ import annotations

from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._workflows import USES, each_line, known, told

_UNPINNED = re2.compile(
    r"(?i)unpinned-uses|unpinned (?:action|tag)|not pinned (?:to|by) (?:a )?(?:full |hash|commit|sha)"
)


@strategy(causes=("actions-config", "lint", "security"), trust="review", touches="workflows", prior=0.8)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for all the actions whose commit is known; the others stay as they are."""
    rules = " ".join(failure.code for failure in diagnosis.failures)
    if not _UNPINNED.search(f"{told(diagnosis, codebase)} {rules}"):
        return
    commits, done = known()["commits"], list[str]()

    def change(line: str) -> str:
        found = USES.search(line)
        commit = commits.get(f"{found.group(2)}@{found.group(3)}") if found else None
        if found is None or commit is None or found.group(4).strip(" '\""):
            return line
        done.append(found.group(2))
        quote = found.group(4).strip()
        head, action = found.group(1), found.group(2)
        release = commit.partition(" ")
        return f"{head}{action}@{release[0]}{quote} {release[2]}"

    edits = each_line(codebase, change)
    if edits:
        yield Proposal(
            strategy="workflow_pin",
            title=f"Pin {', '.join(dict.fromkeys(done))} to a commit",
            edits=edits,
            confidence=0.85,
            why="a tag can be moved to other code, a commit can't.",
        )
