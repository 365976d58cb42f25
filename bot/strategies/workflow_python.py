"""Ask a workflow for Python versions that exist: quote `3.10`, which YAML reads as 3.1.

A version that the runner's image no longer offers gets the oldest image that still does.
"""

from __future__ import annotations

from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._workflows import each_line, told

_MISSING = re2.compile(r"[Vv]ersion '?(\d+\.\d+)[\w.]*'? with arch(?:itecture)? '?\w+'? (?:was )?not found")
_BARE = re2.compile(r"""(^|[\s\[,:-])(\d\.\d0)($|[\s,\]#])""")
_LATEST = re2.compile(r"^(\s*runs-on:\s*)ubuntu-(?:latest|24\.04)(\s*(?:#.*)?)$")


def _quoted(line: str) -> str:
    if not any(key in line for key in ("python", "[", "- ")):
        return line
    return str(_BARE.sub(r'\1"\2"\3', _BARE.sub(r'\1"\2"\3', line)))


def _older_image(line: str) -> str:
    return str(_LATEST.sub(r"\1ubuntu-22.04\2", line))


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
    else:
        return
    if edits:
        yield Proposal(strategy="workflow_python", title=title, edits=edits, confidence=0.9, why=why)
