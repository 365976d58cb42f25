"""Correct the words that codespell calls misspelt, where it knows one correction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import re2

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._checks import places_of, tools_of
from bot.strategies._text import edit
from bot.strategies._workflows import told

_FOUND = re2.compile(r"(?m)^(?:\./)?([^\s:][^:\n]*):(\d+): (\w[\w'-]*) ==> (\w[\w' -]*)$")
_CODE = re2.compile(r"[=().\[\]:]")
_WORDS = re2.compile(r"(\w[\w'-]*) ==> (\w[\w' -]*)$")


def _corrections(diagnosis: Diagnosis, codebase: Codebase) -> Iterator[tuple[str, int, str, str]]:
    """Yield (file, line, word, correction), those with several corrections left out."""
    for path, line, word, right in _FOUND.findall(told(diagnosis, codebase)):
        yield path, int(line), word, right.strip()
    for failure in diagnosis.failures:
        found = _WORDS.search(failure.message)
        for path, number in places_of(failure) if found else ():
            if found and number:
                yield path, number, found.group(1), found.group(2).strip()


def _outside_code(path: str, line: str, word: str) -> bool:
    """Return whether a word stands in prose: anywhere in a text file, behind `#` or in a string in code."""
    if not path.endswith((".py", ".pyi")):
        return True
    before = line.partition(word)[0]
    quoted = before.count('"') % 2 == 1 or before.count("'") % 2 == 1
    return quoted or "#" in before or not _CODE.search(line)


@strategy(causes=("lint", "pre-commit"), trust="glance", prior=0.85)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for all words in prose with one correction; identifiers are left alone."""
    if "codespell" not in tools_of(diagnosis):
        return
    texts: dict[str, list[str]] = {}
    words: list[str] = []
    for path, number, word, right in dict.fromkeys(_corrections(diagnosis, codebase)):
        if path not in codebase.files or "," in right:
            continue
        lines = texts.setdefault(path, split_lines(codebase.text(path)))
        line = lines[number - 1] if number <= len(lines) else ""
        if line and _outside_code(path, line, word):
            lines[number - 1] = str(re2.compile(rf"\b{re2.escape(word)}\b").sub(right, line))
            words.append(f"{word} to {right}")
    edits: list[FileEdit] = []
    for path, lines in texts.items():
        edits += edit(path, codebase.text(path), "".join(lines))
    if edits:
        yield Proposal(
            strategy="spelling",
            title=f"Correct {', '.join(words[:3])}",
            edits=tuple(edits),
            confidence=0.93,
            why="codespell knows exactly one correction for each of these words.",
        )
