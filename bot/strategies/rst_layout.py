"""Repair the layout of reStructuredText: underlines that are too short, blank lines that are missing."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._prose import Complaint, complaints
from bot.strategies._text import edit

_BLANK = (
    "ends without a blank line", "Unexpected indentation", "Blank line required", "Literal block expected",
)  # fmt: skip
_SHORT = ("underline too short", "overline too short", "overline & underline mismatch", "Title level inconsistent")


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text if not unicodedata.combining(c))


def _adorned(lines: list[str], at: int) -> list[str] | None:
    """Return the lines with the adornment next to line `at` (from 0) as long as its title, None when there is none."""
    for i in (at, at + 1, at - 1):
        mark = lines[i].strip() if 0 < i < len(lines) else ""
        title = lines[i - 1].rstrip("\r\n") if mark else ""
        if len(mark) < 2 or set(mark) != {mark[0]} or mark[0].isalnum() or not title.strip():
            continue
        width = _width(title.rstrip())
        new = list(lines)
        new[i] = mark[0] * width + lines[i][len(lines[i].rstrip("\r\n")) :]
        above = lines[i - 2].strip() if i > 1 else ""
        if above and set(above) == {mark[0]}:
            new[i - 2] = mark[0] * width + "\n"
        return new if new != lines else None
    return None


def _spaced(lines: list[str], at: int) -> list[str] | None:
    """Return the lines with a blank one in front of line `at` (from 0), None when there is one already."""
    if not 0 < at < len(lines) or not lines[at - 1].strip() or not lines[at].strip():
        return None
    return [*lines[:at], "\n", *lines[at:]]


def _repaired(complaint: Complaint, text: str) -> str | None:
    lines, made = split_lines(text), None
    if any(said in complaint.message for said in _SHORT):
        made = _adorned(lines, complaint.line - 1)
    elif any(said in complaint.message for said in _BLANK):
        made = _spaced(lines, complaint.line - 1)
    return "".join(made) if made else None


@strategy(causes=("docs", "documentation"), trust="auto", kind="docs", prior=0.9)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for all such places, each page repaired from its end upwards."""
    texts: dict[str, str] = {}
    for complaint in sorted(complaints(diagnosis, codebase), key=lambda one: (one.path, -one.line)):
        if complaint.path.endswith((".rst", ".txt", ".py")) and complaint.line:
            text = texts.get(complaint.path, codebase.text(complaint.path))
            texts[complaint.path] = _repaired(complaint, text) or text
    edits: list[FileEdit] = []
    for path, text in texts.items():
        edits += edit(path, codebase.text(path), text)
    if edits:
        yield Proposal(
            strategy="rst_layout",
            title=f"Repair the layout of {edits[0].path}",
            edits=tuple(edits),
            confidence=0.92,
            why="the builder says what it misses: a longer underline, or a blank line between two blocks.",
        )
