"""Mend a slip that keeps pyproject.toml from being read: a comma, quote, bracket or equals sign that is missing.

Only one line is changed, next to the one that the reader names, and only where the file then reads one way.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator

import re2

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._text import edit
from bot.strategies._workflows import told

_UNREADABLE = re2.compile(r"(?i)TOML|at line \d+, column \d+|Cannot overwrite a value|Unclosed|Invalid statement")
_LINE = re2.compile(r"line (\d+)")
_COLON = re2.compile(r"^(\s*[\w\"'.-]+)\s*:\s*(.+)$")
_NO_EQUALS = re2.compile(r"^(\s*[\w.-]+)\s+([\"'\[{].*)$")
_BARE = re2.compile(r"^(\s*[\w.-]+\s*=\s*)([A-Za-z>~^<][^\"'\[{#]*?)\s*$")
_VERSION = re2.compile(r"^(\s*[\w.-]+\s*=\s*)(\d+\.\d+[\w.]*)\s*$")
_OPEN_TEXT = re2.compile(r"^(.*[=\[,]\s*)\"([^\"]*?)(\s*[,\]]?)\s*$")
_OPEN_TABLE = re2.compile(r"^\s*(\[{1,2})([\w.\"-]+)\]?\s*$")
_AROUND = 3


def _forms(row: str) -> Iterator[str]:
    """Yield a line with each of the slips mended that it may hold."""
    body = row.rstrip()
    yield f"{body},"
    yield str(_COLON.sub(r"\1 = \2", body))
    yield str(_NO_EQUALS.sub(r"\1 = \2", body))
    yield str(_VERSION.sub(r'\1"\2"', body))
    yield str(_BARE.sub(r'\1"\2"', body))
    if body.count('"') % 2:
        yield str(_OPEN_TEXT.sub(r'\1"\2"\3', body))
        yield f'{body}"'
    table = _OPEN_TABLE.search(body)
    if table:
        yield f"{table.group(1)}{table.group(2)}{']' * len(table.group(1))}"
    yield f"{body}]"
    yield f"{body}}}"
    yield body.replace("'\"", '"').replace("“", '"').replace("”", '"')


def _readings(text: str, numbers: list[int]) -> dict[str, str]:
    """Return the mended texts by what they read as, those of the first kind of slip that helps."""
    lines = split_lines(text)
    found: dict[str, str] = {}
    for number in numbers:
        around = range(max(0, number - 1 - _AROUND), min(len(lines), number + 1))
        for at in sorted(around, key=lambda one: abs(one - number + 1)):
            body = lines[at].rstrip("\r\n")
            for new in _forms(body) if body.strip() and not body.lstrip().startswith("#") else ():
                made = "".join([*lines[:at], new + lines[at][len(body) :], *lines[at + 1 :]])
                value = _read(made) if new != body else None
                if value:
                    found.setdefault(value, made)
    return found


def _read(text: str) -> str:
    """Return what a text reads as, '' when it can't be read or has no table of the project's."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return ""
    tables = [name for name in ("project", "tool", "build-system") if isinstance(data.get(name), dict)]
    return json.dumps(data, sort_keys=True, default=str) if tables else ""


@strategy(causes=("packaging", "none", "dependency-conflict", "test-failure", "error"), trust="glance", prior=0.9)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal when pyproject.toml can't be read and one slip explains it."""
    text, said = codebase.files.get("pyproject.toml", ""), told(diagnosis, codebase)
    if not text or _read(text) or not _UNREADABLE.search(said):
        return
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        numbers = [int(number) for number in _LINE.findall(f"{error}\n{said}")] or [text.count("\n")]
    else:
        return
    found = _readings(text, list(dict.fromkeys(numbers)))
    if len(found) == 1:
        yield Proposal(
            strategy="project_syntax",
            title="Mend a slip in pyproject.toml",
            edits=edit("pyproject.toml", text, next(iter(found.values()))),
            confidence=0.9,
            why="the file can't be read as it stands; with this one line changed it reads, and one way only.",
        )
