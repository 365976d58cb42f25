"""Tables of reStructuredText whose borders do not fit their text, drawn anew around the same cells."""

from __future__ import annotations

import re2

from bot.strategies._text import indent_of

_RULE = re2.compile(r"^[= ]*=[= ]*$")
_BORDER = re2.compile(r"^\+[-=+]*\+$")
_GAP = re2.compile(r"\s{2,}")


def redrawn(lines: list[str], at: int) -> list[str] | None:
    """Return the lines with the table around line `at` (from 0) drawn anew, None when its cells can't be told."""
    at = next((one for one in (at, at + 1, at - 1) if 0 <= one < len(lines) and lines[one].strip()), at)
    first, last = at, at
    while first and lines[first - 1].strip():
        first -= 1
    while last + 1 < len(lines) and lines[last + 1].strip():
        last += 1
    rows = [line.strip() for line in lines[first : last + 1]]
    made = _simple(rows) if _RULE.match(rows[0]) else _grid(rows) if _BORDER.match(rows[0]) else None
    indent = indent_of(lines[first])
    return [*lines[:first], *(f"{indent}{row}\n" for row in made), *lines[last + 1 :]] if made else None


def _simple(rows: list[str]) -> list[str] | None:
    cells = [None if _RULE.match(row) else list(_GAP.split(row)) for row in rows]
    count = len(rows[0].split())
    if any(row is not None and len(row) != count for row in cells) or _RULE.match(rows[-1]) is None:
        return None
    widths = [max(len(row[n]) for row in cells if row) for n in range(count)]
    rule = "  ".join("=" * width for width in widths)
    return [
        rule if row is None else "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]


def _grid(rows: list[str]) -> list[str] | None:
    cells = [[part.strip() for part in row.strip("|").split("|")] if row.startswith("|") else None for row in rows]
    counts = {len(row) for row in cells if row}
    if len(counts) != 1 or any(row is None and not _BORDER.match(text) for row, text in zip(cells, rows, strict=True)):
        return None
    count = counts.pop()
    widths = [max(len(row[n]) for row in cells if row) + 2 for n in range(count)]
    made: list[str] = []
    for row, text in zip(cells, rows, strict=True):
        mark = "=" if "=" in text else "-"
        filled = [f" {cell}".ljust(width) for cell, width in zip(row or [""] * count, widths, strict=True)]
        made.append(f"|{'|'.join(filled)}|" if row else f"+{'+'.join(mark * width for width in widths)}+")
    return made
