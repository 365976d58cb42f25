"""Merge edits of one file that were made apart, line by line, without guessing."""

from __future__ import annotations

import difflib

from bot.codebase.changes import split_lines
from bot.model import FileEdit

Change = tuple[int, int, list[str]]


def _changes(base: list[str], new: list[str]) -> list[Change]:
    matcher = difflib.SequenceMatcher(None, base, new, autojunk=False)
    return [(i1, i2, new[j1:j2]) for tag, i1, i2, j1, j2 in matcher.get_opcodes() if tag != "equal"]


def _clash(first: Change, second: Change) -> bool:
    (a1, a2, _), (b1, b2, _) = first, second
    if a1 == a2 or b1 == b2:
        return a1 <= b2 and b1 <= a2
    return a1 < b2 and b1 < a2


def merge_text(base: str, first: str, second: str) -> str | None:
    """Return `base` with the changes of both texts, or None where they touch the same lines differently."""
    if second in {first, base}:
        return first
    if first == base:
        return second
    lines = split_lines(base) if base else []
    ours, theirs = (_changes(lines, split_lines(text) if text else []) for text in (first, second))
    if any(_clash(a, b) for a in ours for b in theirs if a != b):
        return None
    for start, end, new in sorted([*ours, *(change for change in theirs if change not in ours)], reverse=True):
        lines[start:end] = new
    return "".join(lines)


def merge_edits(
    files: dict[str, str | None], first: tuple[FileEdit, ...], second: tuple[FileEdit, ...]
) -> tuple[FileEdit, ...] | None:
    """Return both sets of edits as one; `files` holds the texts before. None when they contradict each other."""
    merged = {edit.path: edit.text for edit in first}
    for edit in second:
        mine = merged.setdefault(edit.path, edit.text)
        if mine == edit.text:
            continue
        if mine is None or edit.text is None:
            return None
        both = merge_text(files.get(edit.path) or "", mine, edit.text)
        if both is None:
            return None
        merged[edit.path] = both
    return tuple(FileEdit(path=path, text=text) for path, text in merged.items())
