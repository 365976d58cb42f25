"""The tables of what changed in libraries, read once, and which of their rows an error speaks of."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import re2

from bot.codebase import Codebase
from bot.codebase.metadata import canonical
from bot.strategies._rewrites import Template

_DATA = Path(__file__).parent / "data"
_WORD = re2.compile(r"\w+")


@dataclass(frozen=True)
class Change:
    """One name of a library that became another, or a call that must be written anew (`template`).

    `old` is dotted; `since` is the library's version; `alone` rows are touched only when an error names them.
    """

    library: str
    since: str
    old: str
    new: str = ""
    template: Template | None = None
    said: str = ""
    alone: bool = False


@dataclass(frozen=True)
class Keyword:
    """A keyword argument of some APIs that was renamed, replaced (`name=value`) or dropped (empty)."""

    library: str
    since: str
    apis: tuple[str, ...]
    name: str
    becomes: str
    value: str = ""


@dataclass(frozen=True)
class Method:
    """A method or attribute that was renamed (`new`) or needs another form (`template`), whatever object it is on."""

    library: str
    since: str
    name: str
    new: str = ""
    template: Template | None = None
    sure: bool = False
    anywhere: bool = False


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_DATA / f"{name}.toml").read_text("utf-8"))


@cache
def moves() -> tuple[Change, ...]:
    """Return the names that moved."""
    return tuple(
        Change(group["library"], group["since"], old, new, alone=group.get("alone", False))
        for group in _read("moves")["group"]
        for old, new in group["names"].items()
    )


@cache
def calls() -> tuple[Change, ...]:
    """Return the calls that changed."""
    return tuple(
        Change(
            row["library"],
            row["since"],
            row["api"],
            template=Template(
                row["api"], row["text"], tuple(row.get("parameters", ())), tuple(row.get("when", {}).items())
            ),
            said=row.get("said", ""),
        )
        for row in _read("calls")["call"]
    )


@cache
def keywords() -> tuple[Keyword, ...]:
    """Return the keyword arguments that changed."""
    return tuple(
        Keyword(r["library"], r["since"], tuple(r["apis"]), r["name"], r["becomes"], r.get("value", ""))
        for r in _read("calls")["keyword"]
    )


@cache
def methods() -> tuple[Method, ...]:
    """Return the methods that changed."""
    found: list[Method] = []
    for group in _read("methods")["group"]:
        same = (group["library"], group["since"])
        marks = (group.get("sure", False), group.get("anywhere", False))
        found += [Method(*same, old, new, None, *marks) for old, new in group.get("names", {}).items()]
        for row in group.get("calls", ()):
            template = Template(row["name"], row["text"], tuple(row.get("parameters", ())))
            found.append(Method(*same, row["name"], "", template, *marks))
    return tuple(found)


_ALIASES = {"numpy": "np", "pandas": "pd", "sqlalchemy": "SQLAlchemy", "sklearn": "scikit"}


def mentioned(change: Change, said: frozenset[str]) -> bool:
    """Return whether a message speaks of a change: of its name and library, or of a whole module that is gone."""
    module, _, name = change.old.rpartition(".")
    top = module.partition(".")[0]
    here = {top, _ALIASES.get(top, top), "deprecated", "Deprecated"} & said
    gone = top in said and "named" in said and "module" in said
    return (bool(here) and name in said) or gone


def named_rows(rows: tuple[Change, ...], said: frozenset[str], codebase: Codebase) -> tuple[Change, ...]:
    """Return the rows that a message speaks of, with all others of the same libraries that the version at hand has."""
    named = [row for row in rows if mentioned(row, said)]
    libraries = {row.library for row in named}
    return tuple(
        row
        for row in rows
        if row in named
        or (row.library in libraries and not row.alone and not row.said and applies(row.library, row.since, codebase))
    )


def words(messages: Iterable[str]) -> frozenset[str]:
    """Return the words in the messages of errors."""
    return frozenset(word for message in messages for word in _WORD.findall(message))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def applies(library: str, since: str, codebase: Codebase) -> bool:
    """Return whether the version at hand has the change; an unknown version is taken to have it."""
    have = codebase.info.python if library == "python" else codebase.packages.get(canonical(library), "")
    return not have or _numbers(have) >= _numbers(since)
