"""Ask a workflow for Python versions that exist: quote `3.10`, which YAML reads as 3.1.

A version that the runner's image no longer offers gets the oldest image that still does. One that no image offers is
taken out of a list of several, or gives way to the oldest that the project itself says it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._workflows import each_line, told

_MISSING = re2.compile(r"[Vv]ersion '?(\d+\.\d+)[\w.]*'? with arch(?:itecture)? '?\w+'? (?:was )?not found")
_BARE = re2.compile(r"""(^|[\s\[,:-])(\d\.\d0)($|[\s,\]#])""")
_LISTED = re2.compile(r"^(\s*python(?:-version)?s?:\s*\[)([^\]]*)(\].*)$")
_ALONE = re2.compile(r"""^(\s*python-version:\s*)['"]?(\d\.\d+)['"]?(\s*(?:#.*)?)$""")
_LEAST = re2.compile(r">=\s*(3\.\d+)")
_GONE = frozenset({"2.7", "3.4", "3.5", "3.6"})  # https://github.com/actions/python-versions: none for 22.04 and newer
_LATEST = re2.compile(r"^(\s*runs-on:\s*)ubuntu-(?:latest|24\.04)(\s*(?:#.*)?)$")


def _quoted(line: str) -> str:
    if not any(key in line for key in ("python", "[", "- ")):
        return line
    return str(_BARE.sub(r'\1"\2"\3', _BARE.sub(r'\1"\2"\3', line)))


def _older_image(line: str) -> str:
    return str(_LATEST.sub(r"\1ubuntu-22.04\2", line))


def _without(gone: set[str], least: str) -> Callable[[str], str]:
    def change(line: str) -> str:
        listed = _LISTED.search(line)
        if listed:
            parts = [part.strip() for part in listed.group(2).split(",")]
            kept = [part for part in parts if part.strip("'\"") not in gone]
            return f"{listed.group(1)}{', '.join(kept)}{listed.group(3)}" if kept and kept != parts else line
        alone = _ALONE.search(line)
        if alone and least and alone.group(2) in gone:
            return f'{alone.group(1)}"{least}"{alone.group(3)}'
        return line

    return change


def _least(codebase: Codebase) -> str:
    """Return the oldest Python that the project says it needs, '' when it says none or one that is gone too."""
    found = _LEAST.search(codebase.metadata.requires_python)
    return found.group(1) if found and found.group(1) not in _GONE else ""


@strategy(causes=("actions-config", "python-version"), trust="glance", touches="workflows", prior=0.9)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal when the log misses a Python version that was never meant, or left the newest image."""
    missing = set(_MISSING.findall(told(diagnosis, codebase)))
    if missing & {"3.1", "3.2"}:
        edits = each_line(codebase, _quoted)
        title, why = (
            "Quote Python versions that end in 0",
            'YAML reads `3.10` as the number 3.1; `"3.10"` stays a text.',
        )
    elif missing & {"3.7"}:
        edits = each_line(codebase, _older_image)
        title = "Run on ubuntu-22.04"
        why = "the newest Ubuntu images no longer offer this Python; 22.04 does."
    elif missing & _GONE:
        edits = each_line(codebase, _without(missing & _GONE, _least(codebase)))
        title = f"Stop testing on Python {', '.join(sorted(missing & _GONE))}"
        why = "no runner image offers this Python any more."
    else:
        return
    if edits:
        yield Proposal(strategy="workflow_python", title=title, edits=edits, confidence=0.9, why=why)
