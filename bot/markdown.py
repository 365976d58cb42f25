"""Makes text from strangers harmless inside Markdown: no mention, no link, no HTML, no reference, no hidden marker."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import re2

GAP = "\u200b"  # a zero-width space: breaks what a renderer would recognise, and shows nothing
_SPECIAL = frozenset("\\`*_[]<>#|~&$")
_QUOTED = re2.compile(r"`/?[A-Za-z0-9][A-Za-z0-9_.:/ -]{0,80}`")  # a code span so plain that it may stay one
_RECOGNISED = re2.compile(r"@|#(\d)|://|\b(?:GH-|www\.)")
_TICKS = re2.compile(r"`+")


def plain(text: str, *, most: int = 300) -> str:
    """Return one line of text that renders as itself, at most `most` characters of it; plain code spans stay."""
    line, made, at = _line(text, most), "", 0
    for span in _QUOTED.finditer(line):
        made += _escaped(line[at : span.start()]) + span.group()
        at = span.end()
    return made + _escaped(line[at:])


def _escaped(text: str) -> str:
    escaped = "".join(
        f"\\{char}" if char in _SPECIAL and not _joins(text, at) else char for at, char in enumerate(text)
    )
    return str(_RECOGNISED.sub(lambda found: _broken(found.group()), escaped))


def _joins(text: str, at: int) -> bool:
    """Return whether the character is an underscore inside a word, which renders as itself."""
    return text[at] == "_" and text[at - 1 : at].isalnum() and text[at + 1 : at + 2].isalnum()


def code(text: str, *, most: int = 200) -> str:
    """Return one line of text as a code span, fit for a table cell too."""
    line = _line(text, most).replace("|", "\\|").replace("<!--", f"<!{GAP}--") or " "
    ticks = "`" * (_longest(line) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{ticks}{pad}{line}{pad}{ticks}"


def fence(text: str, *, most: int = 4_000, language: str = "text") -> str:
    """Return text as a fenced block, its middle cut out when it is longer than `most` characters."""
    kept = "\n".join(_clean(line) for line in _cut(text, most).split("\n")).replace("<!--", f"<!{GAP}--")
    ticks = "`" * max(3, _longest(kept) + 1)
    return f"{ticks}{language}\n{kept.rstrip()}\n{ticks}"


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]], *, most: int = 40) -> str:
    """Return a table of ready-made cells, at most `most` rows, and how many were left out."""
    lines = [_row(head), _row(("---",) * len(head)), *(_row(row) for row in rows[:most])]
    left = f"\n\n…and {len(rows) - most} more." if len(rows) > most else ""
    return "\n".join(lines) + left


def commit_text(text: str, *, most: int = 300) -> str:
    """Return one line for a commit message that mentions nobody, closes no issue and is no trailer."""
    return str(_RECOGNISED.sub(lambda found: _broken(found.group()), _line(text, most)))


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _broken(found: str) -> str:
    return f"{found[0]}{GAP}{found[1:]}"


def _line(text: str, most: int) -> str:
    line = " ".join(_clean(text[: 4 * most]).split())
    return line if len(line) <= most else line[: most - 1] + "…"


def _clean(text: str) -> str:
    """Return text without control, formatting (bidirectional overrides) and surrogate characters; tabs stay."""
    return "".join(
        char if char.isprintable() or char in "\t " else " " if unicodedata.category(char) == "Cc" else ""
        for char in text
    )


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    half = (most - 40) // 2
    return f"{text[:half]}\n… {len(text) - 2 * half:,} characters cut …\n{text[-half:]}"


def _longest(text: str) -> int:
    return max((len(found.group()) for found in _TICKS.finditer(text)), default=0)
