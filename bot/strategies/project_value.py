"""Write a value of the project's metadata in the form that builds take: people, licences, versions, entry points.

Source: https://packaging.python.org/en/latest/specifications/pyproject-toml/; licence names: https://spdx.org/licenses/;
classifiers: https://pypi.org/classifiers/.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterable
from typing import Any

import re2

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._near import nearest
from bot.strategies._text import edit
from bot.strategies._workflows import told

_HEAD = re2.compile(r"^\s*\[+\s*([\w.\"-]+)\s*\]+\s*(?:#.*)?$")
_KEY = re2.compile(r"^\s*[\w\".-]+\s*=")
_TEXT = re2.compile(r'"([^"\\]*)"')
_PERSON = re2.compile(r"^\s*([^<>]*?)\s*(?:<([^<>@]+@[^<>]+)>)?\s*$")
_LICENCES = {
    "mit license": "MIT", "the mit license": "MIT", "mit licence": "MIT", "apache 2": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0", "apache license, version 2.0": "Apache-2.0", "apache-2": "Apache-2.0",
    "apache software license 2.0": "Apache-2.0", "bsd 3-clause": "BSD-3-Clause", "bsd-3": "BSD-3-Clause",
    "3-clause bsd": "BSD-3-Clause", "bsd 3-clause license": "BSD-3-Clause", "new bsd license": "BSD-3-Clause",
    "bsd 2-clause": "BSD-2-Clause", "bsd 2-clause license": "BSD-2-Clause", "isc license": "ISC", "mpl 2.0": "MPL-2.0",
    "mozilla public license 2.0": "MPL-2.0", "the unlicense": "Unlicense", "public domain": "Unlicense",
    "gplv3+": "GPL-3.0-or-later", "lgplv3+": "LGPL-3.0-or-later", "gplv2+": "GPL-2.0-or-later",
}  # fmt: skip
_SPDX = frozenset({*_LICENCES.values(), "GPL-3.0-only", "LGPL-3.0-only", "GPL-2.0-only", "AGPL-3.0-only"})
_PARTS = frozenset(
    "Programming Language|Python|Only|Implementation|CPython|PyPy|Operating System|OS Independent|POSIX|Linux|Unix"
    "|Microsoft|Windows|MacOS|Development Status|1 - Planning|2 - Pre-Alpha|3 - Alpha|4 - Beta|6 - Mature|7 - Inactive"
    "|5 - Production/Stable|Intended Audience|Developers|End Users/Desktop|Science/Research|System Administrators"
    "|Education|License|OSI Approved|MIT License|Apache Software License|BSD License|Topic|Software Development"
    "|Libraries|Python Modules|Utilities|Internet|WWW/HTTP|Scientific/Engineering|Text Processing|System|Environment"
    "|Console|Web Environment|Typing|Typed|Natural Language|English|Framework|Testing|Build Tools".split("|")
)
_SHORT_VERSION = re2.compile(r"^\s*(?:\^|~|=>|>=|>)?\s*(\d+(?:\.\d+)*)\s*(?:\+|\.\*)?\s*$")
_FIELD = re2.compile(r"`project\.([\w-]+)|\d+ \| ([\w-]+) = |[Ff]ield `(?:project\.)?([\w-]+)`")
_NO_CLASSIFIER = re2.compile(r"(?i)(?:unknown|invalid|not a valid) (?:classifier|trove)|must be trove-classifier")
_SUPERSEDED = "License classifiers have been superseded"
Change = Callable[[Any, str, Codebase], str]


def _people(value: Any, text: str, codebase: Codebase) -> str:
    """Return a list of tables for names that stand there as plain texts."""
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list) or not any(isinstance(item, str) for item in items):
        return text

    def person(words: str) -> str:
        found = _PERSON.match(words)
        name, address = found.groups() if found and "@" not in words.partition("<")[0] else ("", words)
        parts = [f"name = {json.dumps(name)}"] if name else []
        return "{ " + ", ".join([*parts, *([f"email = {json.dumps(address)}"] if address else [])]) + " }"

    for item in (item for item in items if isinstance(item, str)):
        text = text.replace(json.dumps(item, ensure_ascii=False), person(item), 1)
    return f"[{text}]" if isinstance(value, str) else text


def _listed(value: Any, text: str, codebase: Codebase) -> str:
    if not isinstance(value, str):
        return text
    parts = [part.strip() for part in value.split(",")]
    return json.dumps([part for part in parts if part], ensure_ascii=False)


def _licence(value: Any, text: str, codebase: Codebase) -> str:
    """Return the licence's short name; one that stands there already is refused by builds that want a table."""
    if not isinstance(value, str):
        return text
    short = value if value in _SPDX else _LICENCES.get(value.lower(), "")
    return f'{{ text = "{short}" }}' if short == value else f'"{short}"' if short else text


def _python(value: Any, text: str, codebase: Codebase) -> str:
    found = _SHORT_VERSION.match(value) if isinstance(value, str) else None
    return f'">={found.group(1)}"' if found else text


def _script(value: Any, text: str, codebase: Codebase) -> str:
    """Return entry points as `module:function`, where the module is the project's."""
    for target in value.values() if isinstance(value, dict) else ():
        new = str(target).removesuffix("()").replace(".py:", ":").replace("/", ".").removeprefix("src.")
        if ":" not in new:
            module, _, function = new.rpartition(".")
            new = f"{module}:{function}"
        known = new.partition(":")[0] in codebase.modules
        text = text.replace(f'"{target}"', f'"{new}"') if known else text
    return text


_CHANGES: dict[str, Change] = {
    "authors": _people, "maintainers": _people, "keywords": _listed, "classifiers": _listed, "dependencies": _listed,
    "license": _licence, "requires-python": _python, "scripts": _script, "gui-scripts": _script,
}  # fmt: skip


def _value_span(lines: list[str], field: str) -> tuple[int, int, int] | None:
    """Return first line, column and end line of a field's value in `[project]`; for a table, of its rows."""
    table = ""
    for at, line in enumerate(lines):
        head = _HEAD.match(line)
        table = head.group(1) if head else table
        if head and table == f"project.{field}":
            return at + 1, 0, _end(lines, at + 1, whole=True)
        key = line.partition("=")[0]
        if not head and table == "project" and key.strip() == field and "=" in line:
            return at, len(key) + 1, _end(lines, at + 1, whole=False)
    return None


def _end(lines: list[str], at: int, *, whole: bool) -> int:
    while at < len(lines) and not _HEAD.match(lines[at]) and (whole or not _KEY.match(lines[at])):
        at += 1
    return at


def _with_field(text: str, field: str, codebase: Codebase) -> str:
    value = tomllib.loads(text).get("project", {}).get(field)
    lines = split_lines(text)
    span = _value_span(lines, field)
    if value is None or span is None or field not in _CHANGES:
        return text
    at, column, end = span
    old = "".join(lines[at:end])[column:]
    inner = old.strip()
    new = old.replace(inner, _CHANGES[field](value, inner, codebase), 1)
    return "".join(lines[:at]) + "".join(lines[at:end])[:column] + new + "".join(lines[end:])


def _with_classifiers(text: str) -> str:
    """Return the text with the parts of classifiers that are a slip away from real ones corrected."""
    for wrong in tomllib.loads(text).get("project", {}).get("classifiers", ()):
        parts = [part.strip() for part in str(wrong).split("::")]
        near = [one if one in _PARTS or one[:1].isdigit() else (nearest(one, _PARTS) or (one,))[0] for one in parts]
        text = text.replace(json.dumps(wrong), json.dumps(" :: ".join(near)))
    return text


def _without_licences(text: str) -> str:
    """Return the text without classifiers that name the licence again."""
    lines = [line for line in split_lines(text) if not line.strip().startswith(('"License ::', "'License ::"))]
    return str(re2.sub(r'"License :: [^"]*",?\s*', "", "".join(lines)))


def _fields(said: str) -> tuple[str, ...]:
    """Return the fields of `[project]` that a build complains about."""
    return tuple(dict.fromkeys(next(name for name in names if name) for names in _FIELD.findall(said)))


@strategy(causes=("packaging",), trust="glance", prior=0.88)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal when the build refuses the form of a value in the metadata and one form alone is right."""
    said, before = told(diagnosis, codebase), codebase.files.get("pyproject.toml", "")
    after = before
    try:
        for field in _fields(said):
            after = _with_field(after, field, codebase)
        after = _with_classifiers(after) if _NO_CLASSIFIER.search(said) else after
        after = _without_licences(after) if _SUPERSEDED in said else after
        tomllib.loads(after)
    except tomllib.TOMLDecodeError:
        return
    edits = edit("pyproject.toml", before, after) if before else ()
    if edits:
        yield Proposal(
            strategy="project_value",
            title="Write the project's metadata in the form that its build takes",
            edits=edits,
            confidence=0.87,
            why="the specification of pyproject.toml wants this form, and the value itself stays the same.",
        )
