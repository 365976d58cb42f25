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
from bot.codebase.renamed import groups
from bot.strategies._apis import Unit, outermost
from bot.strategies._lacking import NO_ATTRIBUTE, NO_MODULE, NO_NAME
from bot.strategies._rewrites import Template
from bot.strategies._sites import Site

_DATA = Path(__file__).parent / "data"
_WORD = re2.compile(r"\w+")


@dataclass(frozen=True)
class Change:
    """One name of a library that became another, or a call that must be written anew (`template`).

    `old` is dotted; `since` is the library's version, `until` the first one that has the name by itself; `alone` rows
    are touched only when an error names them.
    """

    library: str
    since: str
    old: str
    new: str = ""
    template: Template | None = None
    said: str = ""
    alone: bool = False
    until: str = ""


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
        Change(
            group["library"],
            group.get("since", ""),
            old,
            new,
            alone=group.get("alone", False),
            until=group.get("until", ""),
        )
        for group in groups("moves")
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
    for group in groups("methods"):
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


def named_rows(rows: tuple[Change, ...], found: tuple[Site, ...], codebase: Codebase) -> tuple[Change, ...]:
    """Return the rows that errors speak of, with all others of the same libraries that the version at hand has.

    A row with words of its own is spoken of by the text that has them; one that a warning does not name is spoken of
    where the line that it points at uses the API.
    """
    said, text = words(site.message for site in found), " ".join(site.message for site in found)
    used = _used(found, codebase)
    missing = _missing(text)
    named = [
        row
        for row in rows
        if (
            row.said in text if row.said else mentioned(row, said) or _begins(row.old, used) or _under(row.old, missing)
        )
        and (not row.until or _is_at_hand(row, codebase))
    ]
    libraries = {row.library for row in named}
    return tuple(
        row
        for row in rows
        if row in named or (row.library in libraries and not row.alone and not row.said and _is_at_hand(row, codebase))
    )


def _is_at_hand(row: Change, codebase: Codebase) -> bool:
    """Return whether the version at hand has a change; one that only older versions need has to be known to be old."""
    if not row.until:
        return applies(row.library, row.since, codebase)
    have = codebase.info.python if row.library == "python" else codebase.packages.get(canonical(row.library), "")
    return bool(have) and _numbers(have) < _numbers(row.until)


def spoken(row: Change, found: tuple[Site, ...], codebase: Codebase) -> bool:
    """Return whether errors speak of a row, by name, by its own words, or by the line that a warning points at."""
    text = " ".join(site.message for site in found)
    if row.said:
        return row.said in text
    named = mentioned(row, words(site.message for site in found)) or _under(row.old, _missing(text))
    return named or _begins(row.old, _used(found, codebase))


def _missing(text: str) -> tuple[str, ...]:
    """Return the dotted names that errors say are missing, in a module or as a module."""
    found = [f"{module}.{name}" for module, name in NO_ATTRIBUTE.findall(text)]
    found += [f"{module}.{name}" for name, module in NO_NAME.findall(text)]
    return (*found, *NO_MODULE.findall(text))


def _under(api: str, missing: tuple[str, ...]) -> bool:
    return any(api == name or api.startswith(f"{name}.") for name in missing)


def _begins(api: str, used: frozenset[str]) -> bool:
    return any(one == api or one.startswith(f"{api}.") for one in used)


def _used(found: tuple[Site, ...], codebase: Codebase) -> frozenset[str]:
    """Return the APIs that the lines use which warnings of deprecated things point at."""
    places = {place for site in found if _warns(site) for place in site.places}
    apis: set[str] = set()
    for path in {path for path, _ in places}:
        lines = {line for file, line in places if file == path}
        if codebase.tree(path) is not None:
            unit = Unit(codebase.text(path))
            apis |= {unit.origin(node) for node in outermost(unit.tree) if node.lineno in lines}
    return frozenset(apis - {""})


def _warns(site: Site) -> bool:
    old = ("deprecat", "removed", "no longer")
    return site.exception.endswith("Warning") and any(word in site.message.lower() for word in old)


def words(messages: Iterable[str]) -> frozenset[str]:
    """Return the words in the messages of errors."""
    return frozenset(word for message in messages for word in _WORD.findall(message))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def applies(library: str, since: str, codebase: Codebase) -> bool:
    """Return whether the version at hand has the change; an unknown version is taken to have it."""
    have = codebase.info.python if library == "python" else codebase.packages.get(canonical(library), "")
    return not have or _numbers(have) >= _numbers(since)
