"""Change the version that a metadata file asks for, on the line where it does."""

from __future__ import annotations

import re2

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.codebase.metadata import Dependency
from bot.model import FileEdit
from bot.strategies._text import edit

_SPECIFIER = re2.compile(r"^([A-Za-z0-9._-]+\s*(?:\[[^\]]*\])?)\s*\(?([^;)]*)\)?(\s*;.*)?$")
_ROW = re2.compile(r"^(\s*[\"']?[\w.-]+[\"']?\s*=\s*(?:\{.*?version\s*=\s*)?[\"'])([^\"']*)([\"'].*)$")
_TABLES = frozenset({"poetry", "poetry-group", "pipfile", "pipfile-dev"})


def specifier_of(one: Dependency) -> str:
    """Return the version specifier of a requirement, '' when it has none or is a direct reference."""
    found = _SPECIFIER.search(one.requirement)
    return found.group(2).strip() if found and "@" not in one.requirement else ""


def with_specifier(one: Dependency, specifier: str, codebase: Codebase) -> tuple[FileEdit, ...]:
    """Return the edit that gives a declared requirement another version specifier; none where the form is unknown."""
    text = codebase.text(one.file)
    lines = split_lines(text)
    line = lines[one.line - 1]
    if one.format in _TABLES:
        found = _ROW.search(line.rstrip("\r\n"))
        new = f"{found.group(1)}{specifier or '*'}{found.group(3)}" if found else ""
        lines[one.line - 1] = new + line[len(line.rstrip("\r\n")) :] if found else line
        return edit(one.file, text, "".join(lines))
    parts = _SPECIFIER.search(one.requirement)
    if parts is None or one.requirement not in line:
        return ()
    wanted = f"{parts.group(1).rstrip()}{specifier}{parts.group(3) or ''}"
    lines[one.line - 1] = line.replace(one.requirement, wanted, 1)
    return edit(one.file, text, "".join(lines))


def with_name(one: Dependency, name: str, codebase: Codebase) -> tuple[FileEdit, ...]:
    """Return the edit that gives a declared requirement another name."""
    text = codebase.text(one.file)
    lines = split_lines(text)
    written = _SPECIFIER.search(one.requirement)
    old = written.group(1).partition("[")[0].strip() if written else one.name
    if old not in lines[one.line - 1]:
        return ()
    lines[one.line - 1] = lines[one.line - 1].replace(old, name, 1)
    return edit(one.file, text, "".join(lines))
