"""Give the second of two equal labels of the documentation the name of the section that it stands before."""

from __future__ import annotations

from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._prose import complaints, labels
from bot.strategies._text import edit, indent_of

_TWICE = re2.compile(r"(?:Duplicate explicit target name: \"|duplicate label:? )([\w -]+?)[\",.]")
_LABEL = re2.compile(r"^\s*\.\. _([^:`]+):\s*$")


def _title(lines: list[str], at: int) -> str:
    """Return the title of the section that begins right below line `at`, '' when none does."""
    rest = [line.strip() for line in lines[at + 1 :] if line.strip()][:3]
    rest = rest[1:] if rest and set(rest[0]) <= set("=-~^\"'#*+`") else rest
    marked = len(rest) > 1 and len(set(rest[1])) == 1 and not rest[1][0].isalnum() and len(rest[1]) >= len(rest[0])
    return rest[0] if marked else ""


def _slug(title: str) -> str:
    return str(re2.sub(r"[^a-z0-9]+", "-", title.lower())).strip("-")


def _renamed(lines: list[str], label: str, taken: frozenset[str]) -> str | None:
    """Return the text with the later of two labels renamed, None when its section gives no free name."""
    places = [at for at, line in enumerate(lines) if (found := _LABEL.match(line)) and found.group(1) == label]
    new = _slug(_title(lines, places[-1])) if places else ""
    if not new or new in taken or (len(places) == 1 and new == label):
        return None
    at = places[-1]
    return "".join([*lines[:at], f"{indent_of(lines[at])}.. _{new}:\n", *lines[at + 1 :]])


@strategy(causes=("docs", "documentation"), trust="glance", kind="docs", prior=0.75)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each label that stands twice, where the section of the later one gives another name."""
    for complaint in complaints(diagnosis, codebase):
        for label in _TWICE.findall(complaint.message) if complaint.path.endswith((".rst", ".txt")) else ():
            text = codebase.text(complaint.path)
            made = _renamed(split_lines(text), label, labels(codebase))
            edits = edit(complaint.path, text, made) if made else ()
            if edits:
                yield Proposal(
                    strategy="duplicate_label",
                    title=f"Rename the second label {label} in {complaint.path}",
                    edits=edits,
                    confidence=0.8,
                    why="two places bear this label; references keep leading to the first.",
                )
