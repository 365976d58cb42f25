"""Add an entry to the changelog that the project keeps, under what is not yet released."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

import re2

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._text import edit

_NAMES = frozenset({"changelog", "changes", "history", "news", "release_notes", "releases"})
_UNRELEASED = re2.compile(r"(?i)unreleased|upcoming|in development|\bnext\b|\bdev\b|\btbd\b|\bmain\b")
_HEADING = re2.compile(r"^#{1,4}\s+\S|^\[?\d+\.\d+")
_FIXED = re2.compile(r"(?i)^(?:#{2,5}\s*)?\W*(?:fixed|bug ?fixes|fixes|bugs)\W*$")
_BULLET = re2.compile(r"^(\s*[-*+])\s+\S")
# what users notice; layout, types and continuous integration are nobody's news
_NEWS = frozenset({"error", "performance", "behavioral", "state", "dependency"})
_QUIET = frozenset({"lint", "format", "type", "docs", "coverage", "actions-config", "lockfile", "gate-job"})


def _file(codebase: Codebase) -> str:
    found = [p for p in codebase.files if "/" not in p and PurePosixPath(p).stem.lower() in _NAMES]
    return found[0] if len(found) == 1 and found[0].endswith((".md", ".rst", ".txt")) else ""


def _adorned(lines: list[str], at: int) -> bool:
    """Return whether the next line underlines this one, as reStructuredText headings are."""
    below = lines[at + 1].strip() if at + 1 < len(lines) else ""
    return len(below) >= 3 and set(below) <= set("=-~^\"'#*+") and len(set(below)) == 1 and bool(lines[at].strip())


def _headings(lines: list[str]) -> list[int]:
    return [at for at, line in enumerate(lines) if _HEADING.search(line) or _adorned(lines, at)]


def _section(lines: list[str]) -> tuple[int, int] | None:
    """Return the lines (first, end) of the part on what is not yet released, None when there is none."""
    heads = _headings(lines)
    for number, at in enumerate(heads):
        if _UNRELEASED.search(lines[at]):
            level = len(lines[at]) - len(lines[at].lstrip("#"))
            later = [h for h in heads[number + 1 :] if len(lines[h]) - len(lines[h].lstrip("#")) <= level]
            return at + (2 if _adorned(lines, at) else 1), later[0] if later else len(lines)
    return None


def _entered(text: str, entry: str) -> str | None:
    """Return the changelog with an entry behind the last one of its kind, None when it has no place for it."""
    lines = split_lines(text)
    section = _section(lines)
    if section is None:
        return None
    start, end = section
    fixed = next((at for at in range(start, end) if _FIXED.search(lines[at].strip())), None)
    begin = fixed + (2 if _adorned(lines, fixed) else 1) if fixed is not None else start
    bullets: list[int] = []
    for at in range(begin, end):
        if _BULLET.search(lines[at]):
            bullets.append(at)
        elif lines[at].strip() and not lines[at][:1].isspace():
            break
    if not bullets:
        return None
    last = bullets[-1] + 1
    while last < end and lines[last].strip() and lines[last][:1].isspace():
        last += 1
    mark = _BULLET.search(lines[bullets[0]])
    if not lines[last - 1].endswith("\n"):
        lines[last - 1] += "\n"
    return "".join([*lines[:last], f"{mark.group(1) if mark else '-'} {entry}\n", *lines[last:]])


def _entry(diagnosis: Diagnosis) -> str:
    """Return the entry in the users' words: what went wrong and where."""
    named = diagnosis.function or diagnosis.file
    where = f"`{named}`" if named else "the package"
    exception = diagnosis.details.get("exception", "").rpartition(".")[2]
    if diagnosis.type == "performance":
        return f"Made {where} faster."
    if diagnosis.type == "dependency":
        return f"{diagnosis.details.get('fix') or 'Corrected the declared requirements'}."
    if exception and exception not in {"AssertionError", "Failed"}:
        return f"Fixed `{exception}` in {where}."
    return f"Fixed the behaviour of {where}."


@strategy(causes=tuple(sorted(_NEWS)), trust="auto", kind="docs", prior=0.5)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one entry when there is a fix that users can notice, and the changelog has a part for what comes next."""
    path = _file(codebase)
    news = diagnosis.details.get("fix") and diagnosis.details.get("class", "") not in _QUIET
    if not path or not news or codebase.is_test(diagnosis.file):
        return
    text = codebase.text(path)
    entered = _entered(text, _entry(diagnosis))
    if entered:
        yield Proposal(
            strategy="changelog",
            title=f"Tell of it in {path}",
            edits=edit(path, text, entered),
            confidence=0.9,
            why="the project keeps a changelog, and users can notice this.",
        )
