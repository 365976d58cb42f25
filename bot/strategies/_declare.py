"""Add a requirement to a list in a metadata file, in the list's own format, order and style."""

from __future__ import annotations

import re2

from bot.codebase.changes import split_lines
from bot.codebase.metadata import Dependency, Section, canonical, name_of
from bot.strategies._text import indent_of

_PINNED = re2.compile(r"==\s*[\w.]+\s*$")
_ONE_LINE = re2.compile(r"^([^\[#]*\[)([^\]#]*)(\].*)$")
_ENTRY_COMMENT = re2.compile(r"\s+#.*$")


def requirement(name: str, siblings: tuple[Dependency, ...], installed: str) -> str:
    """Return `name` as the list would want it: pinned where everything else is pinned and the version is known."""
    pinned = siblings and all(_PINNED.search(one.requirement) for one in siblings)
    return f"{name}=={installed}" if pinned and installed else name


def insert(text: str, section: Section, entries: tuple[Dependency, ...], wanted: str) -> str | None:
    """Return `text` with the requirement `wanted` added to a section, or None for a form that can't be edited safely.

    `entries` are the requirements that the section has now, in the order of their lines.
    """
    lines = split_lines(text)
    if section.format in {"pep621", "pep621-extra", "pep735", "uv-dev", "pdm-dev", "hatch-env", "build"}:
        return _array(lines, section, entries, wanted)
    if section.format in {"setup.py", "setup.py-extra"}:
        return _array(lines, section, entries, wanted)
    if section.format in {"poetry", "poetry-group", "pipfile", "pipfile-dev"}:
        return _row(lines, entries, _toml_row(wanted))
    if section.format in {"requirements", "tox", "setup.cfg", "setup.cfg-extra", "conda"}:
        return _listed(lines, section, entries, wanted)
    return None


def _toml_row(wanted: str) -> str:
    name, _, version = wanted.partition("==")
    return f'{name} = "{f"=={version}" if version else "*"}"'


def _after(entries: tuple[Dependency, ...], wanted: str) -> Dependency | None:
    """Return the entry to stand behind: the last one, or where the alphabet says in a list that is sorted."""
    names = [one.name for one in entries]
    if names != sorted(names):
        return entries[-1]
    before = [one for one in entries if one.name < name_of(wanted)]
    return before[-1] if before else None


def _end(line: str) -> str:
    return "\r\n" if line.endswith("\r\n") else "\n"


def _row(lines: list[str], entries: tuple[Dependency, ...], row: str) -> str | None:
    """Add a line of its own like those of the entries, which all start their lines."""
    if not entries:
        return None
    behind = _after(entries, row.partition(" = ")[0])
    at = behind.line if behind else entries[0].line - 1
    model = lines[entries[0].line - 1]
    if at == len(lines) and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    return "".join([*lines[:at], indent_of(model) + row + _end(model), *lines[at:]])


def _listed(lines: list[str], section: Section, entries: tuple[Dependency, ...], wanted: str) -> str | None:
    if section.format == "requirements" and not entries:
        blank = not lines or lines[-1].endswith("\n")
        return "".join([*lines, "" if blank else "\n", wanted, "\n"])
    if section.format == "conda":
        return _row(lines, entries, f"- {wanted.replace('==', '=')}")
    hashed = any("--hash" in line for line in lines[section.line - 1 : section.end_line])
    on_key_line = any("=" in lines[one.line - 1].partition(one.name)[0] for one in entries)
    return None if hashed or on_key_line else _row(lines, entries, wanted)


def _array(lines: list[str], section: Section, entries: tuple[Dependency, ...], wanted: str) -> str | None:
    """Add a quoted string to an array on one line or on several."""
    first = lines[section.line - 1]
    if section.line == section.end_line:
        found = _ONE_LINE.search(first.rstrip("\r\n"))
        if not found:
            return None
        head, body, tail = found.groups()
        items = [item.strip() for item in body.split('",' if '"' in body else "',")] if body.strip() else []
        lines[section.line - 1] = head + _joined(items, body, entries, wanted) + tail + _end(first)
        return "".join(lines)
    if not entries or any(one.line == section.line for one in entries):
        return None
    return _block(lines, entries, wanted)


def _quote(text: str) -> str:
    return "'" if "'" in text and '"' not in text else '"'


def _joined(items: list[str], body: str, entries: tuple[Dependency, ...], wanted: str) -> str:
    quote = _quote(body)
    bare = [item.strip(" \t,").strip(quote) for item in items]
    behind = _after(entries, wanted) if entries else None
    at = next((i + 1 for i, item in enumerate(bare) if behind and canonical(name_of(item)) == behind.name), 0)
    bare.insert(at, wanted)
    return ", ".join(f"{quote}{item}{quote}" for item in bare if item)


def _block(lines: list[str], entries: tuple[Dependency, ...], wanted: str) -> str | None:
    """Add a line to an array that has one entry a line; the entry in front gets its comma."""
    behind = _after(entries, wanted)
    at = behind.line if behind else entries[0].line - 1
    model = lines[entries[0].line - 1]
    if len({one.line for one in entries}) != len(entries):
        return None
    quote = _quote(model)
    if behind:
        before = lines[at - 1]
        code = _ENTRY_COMMENT.sub("", before.rstrip("\r\n"))
        rest = before.rstrip("\r\n")[len(code) :]
        if not code.rstrip().endswith(","):
            lines[at - 1] = code.rstrip() + "," + rest + _end(before)
    last = at >= entries[-1].line
    comma = "," if not last or _ENTRY_COMMENT.sub("", lines[entries[-1].line - 1].rstrip()).endswith(",") else ""
    row = f"{indent_of(model)}{quote}{wanted}{quote}{comma}{_end(model)}"
    return "".join([*lines[:at], row, *lines[at:]])
