"""Mend a slip that keeps Python from reading a file: a colon, bracket, quote or comma, an indentation, an old print.

Each edit touches one line, and the parser decides. Where several different edits would do, the tests have to tell
them apart; where too many would, nothing is proposed. Conflict markers are for people.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable

from bot.codebase import Codebase
from bot.codebase.repository import parse
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._sites import sites
from bot.strategies._slips import mended
from bot.strategies._text import edit

_MARKERS = ("<<<<<<< ", ">>>>>>> ")
_MOST_SLIPS = 6
_MOST_WAYS = 3


def _error(text: str) -> SyntaxError | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError):
        return None
    return None


def _where(text: str) -> tuple[int, int]:
    """Return how far the parser gets; beyond the end when it reads everything."""
    error = _error(text)
    return (error.lineno or 0, error.offset or 0) if error else (text.count("\n") + 2, 0)


def _suspects(error: SyntaxError, lines: list[str]) -> list[int]:
    """Return the lines to try: where the parser stopped, the one before it, and those up to the end of a bracket."""
    at = min(max((error.lineno or 1) - 1, 0), len(lines) - 1)
    before = next((i for i in range(at - 1, -1, -1) if lines[i].strip()), at)
    after = list(range(at + 1, min(at + 6, len(lines)))) if "never closed" in str(error) else []
    return list(dict.fromkeys([at, before, *after]))


def _mends(text: str) -> tuple[list[str], str | None]:
    """Return the texts that one edit makes readable, and the one that gets furthest when none does."""
    error = _error(text)
    lines = text.split("\n")
    if error is None:
        return [], None
    start = (error.lineno or 0, error.offset or 0)
    readable: dict[str, str] = {}
    reach: dict[str, tuple[int, int]] = {}
    for at in _suspects(error, lines):
        for line in dict.fromkeys(mended(lines, at, max((error.offset or 1) - 1, 0), str(error))):
            candidate = "\n".join([*lines[:at], line, *lines[at + 1 :]])
            tree = parse(candidate)
            if tree is not None:
                readable.setdefault(ast.dump(tree), candidate)
            elif line != lines[at]:
                reach[candidate] = _where(candidate)
    further = {candidate: place for candidate, place in reach.items() if place > start}
    return list(readable.values()), max(further, key=lambda one: further[one], default=None)


def repaired(text: str) -> tuple[list[str], int]:
    """Return the texts that Python reads, no two alike to it, and how many edits each took."""
    for count in range(1, _MOST_SLIPS + 1):
        readable, further = _mends(text)
        if readable or further is None:
            return readable, count
        text = further
    return [], 0


@strategy(causes=("syntax-error", "import-error", "test-failure", "error", "lint", "type"), trust="glance", prior=0.9)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one repair for each file that the errors speak of and that Python can't read."""
    files = [place[0] for site in sites(diagnosis, codebase) for place in site.places]
    for path in dict.fromkeys(files):
        text = codebase.text(path)
        if not path.endswith(".py") or codebase.tree(path) is not None or any(mark in text for mark in _MARKERS):
            continue
        error = _error(text)
        found, count = repaired(text)
        if error is None or len(found) > _MOST_WAYS:
            continue
        for way in found:
            yield Proposal(
                strategy="syntax_error",
                title=f"Make {path} readable for Python again",
                edits=edit(path, text, way),
                confidence=(0.85 if count == 1 else 0.7) if len(found) == 1 else 0.5,
                why=f"line {error.lineno}: {error.msg}.",
            )
