"""Start a list of requirements in a metadata file that has none yet, where the format leaves one place for it."""

from __future__ import annotations

import re2

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import FileEdit
from bot.strategies._text import edit

_NAME = re2.compile(r"^(version|name)\s*=")
_SETUP = re2.compile(r"(?m)^( +)(?:name|version)=[^\n]*,\n")


def _section(lines: list[str], head: str) -> tuple[int, int] | None:
    """Return the first and the last line (exclusive) of a section of TOML or ini text, its blank end left out."""
    start = next((i for i, line in enumerate(lines) if line.strip() == head), None)
    if start is None:
        return None
    end = next((i for i in range(start + 1, len(lines)) if lines[i].startswith("[")), len(lines))
    while end > start + 1 and not lines[end - 1].strip():
        end -= 1
    return start, end


def _project(lines: list[str], name: str) -> str | None:
    place = _section(lines, "[project]")
    if place is None or any(line.startswith("dynamic") and "dependencies" in line for line in lines):
        return None
    at = max((i for i in range(*place) if _NAME.search(lines[i])), default=place[0]) + 1
    return "".join([*lines[:at], f'dependencies = ["{name}"]\n', *lines[at:]])


def _group(lines: list[str], name: str) -> str | None:
    extras, groups = (_section(lines, head) for head in ("[project.optional-dependencies]", "[dependency-groups]"))
    place = groups or extras
    if place:
        return "".join([*lines[: place[1]], f'test = ["{name}"]\n', *lines[place[1] :]])
    if _section(lines, "[project]") is None:
        return None
    gap = "" if not lines or lines[-1].endswith("\n") else "\n"
    return "".join([*lines, gap, f'\n[dependency-groups]\ntest = ["{name}"]\n'])


def _options(lines: list[str], name: str) -> str | None:
    place = _section(lines, "[options]")
    if place is None:
        return None
    return "".join([*lines[: place[1]], f"install_requires =\n    {name}\n", *lines[place[1] :]])


def _setup(text: str, name: str) -> str | None:
    found = list(_SETUP.finditer(text))
    if not found or text.count("setup(") != 1:
        return None
    last = found[-1]
    return f'{text[: last.end()]}{last.group(1)}install_requires=["{name}"],\n{text[last.end() :]}'


def started(name: str, codebase: Codebase, *, tests: bool) -> tuple[FileEdit, ...]:
    """Return the edit that starts a list with one requirement: users' requirements, or those of the tests."""
    for path in ("pyproject.toml", "setup.cfg", "setup.py"):
        text = codebase.files.get(path, "")
        lines = split_lines(text)
        made: str | None = None
        if path == "pyproject.toml":
            made = _group(lines, name) if tests else _project(lines, name)
        elif not tests:
            made = _options(lines, name) if path == "setup.cfg" else _setup(text, name)
        if made:
            return edit(path, text, made)
    return ()
