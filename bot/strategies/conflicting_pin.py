"""Let a pin in a requirements or constraints file agree with what the project itself, or another list, asks for.

An installer tells what it was asked for and what needs what. A line of the project's own that excludes what is needed
takes on the range that is; of two pins of one distribution the older follows the newer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import re2
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.codebase.metadata import canonical
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._pins import specifier_of, with_specifier
from bot.strategies._text import edit
from bot.strategies._workflows import told

_SPEC = r"\(?((?:[<>=!~^]=?=?\s*[\w.*+!-]+)(?:\s*,\s*[<>=!~^]=?=?\s*[\w.*+!-]+)*)\)?"
_NAME = r"([A-Za-z0-9][\w.-]*?)(?:\[[^\]]*\])?"
_ASKED = re2.compile(rf"The user requested (?:\(constraint\) )?{_NAME}\s*{_SPEC}")
_NEEDED = re2.compile(rf"(?:depends on|requires|needs) {_NAME}\s*{_SPEC}")
_BOTH = re2.compile(
    rf"(?:you require|depends on both|depends on|require) {_NAME}\s*{_SPEC} and (?:you require )?{_NAME}\s*{_SPEC}"
)
_TWICE = re2.compile(rf"Double requirement given: {_NAME}\s*{_SPEC} .*?already in {_NAME}\s*{_SPEC}")
_LINE = re2.compile(r"^(\s*)([A-Za-z0-9][\w.-]*)(\s*(?:\[[^\]]*\])?\s*)([<>=!~]=?=?[^;#\s]+)(.*)$")


def _ranges(text: str) -> dict[str, list[str]]:
    """Return by distribution all the ranges that an installer speaks of, in the order in which it does."""
    found: dict[str, list[str]] = {}
    pairs = [*_ASKED.findall(text), *_NEEDED.findall(text)]
    for first, one, second, other in [*_BOTH.findall(text), *_TWICE.findall(text)]:
        pairs += [(first, one), (second, other)]
    for name, specifier in pairs:
        spec = specifier.replace(" ", "").rstrip(")")
        known = found.setdefault(canonical(name), [])
        if spec not in known:
            known.append(spec)
    return found


def _meets(first: str, second: str) -> bool:
    """Return whether two ranges have a version in common that either of them names, or that lies beyond all of them."""
    try:
        one, other = SpecifierSet(first), SpecifierSet(second)
    except InvalidSpecifier:
        return True
    named = [s.version.removesuffix(".*") for s in (*one, *other)]
    tried = [*named, *(f"{version}.1" for version in named), *(_below(version) for version in named), "9999"]
    return any(one.contains(v, prereleases=True) and other.contains(v, prereleases=True) for v in tried if v)


def _below(version: str) -> str:
    """Return a version just below another one, '' when it has no plain last part."""
    head, dot, last = version.rpartition(".")
    if not last.isdigit() or (int(last) == 0 and not dot):
        return ""
    return f"{head}{dot}{int(last) - 1}.999" if int(last) else f"{_below(head)}.999"


def _lists(codebase: Codebase) -> Iterator[tuple[str, int, str, str]]:
    """Yield (file, line from 0, name, specifier) of the lines of requirements and constraints files."""
    for path in codebase.files:
        named = path.rpartition("/")[2].lower()
        if path.endswith((".txt", ".in")) and ("constraint" in named or "require" in path.lower() or "reqs" in named):
            for at, line in enumerate(split_lines(codebase.text(path))):
                found = _LINE.search(line.rstrip("\r\n"))
                if found:
                    yield path, at, canonical(found.group(2)), found.group(4)


def _own(codebase: Codebase, name: str) -> list[str]:
    """Return the ranges in which the project's own metadata ask for a distribution."""
    every = (one for one in codebase.metadata.declared(name) if one.format != "requirements" and not one.group)
    return [spec for spec in (specifier_of(one) for one in every) if spec]


def _rewritten(codebase: Codebase, path: str, at: int, specifier: str) -> tuple[FileEdit, ...]:
    lines = split_lines(codebase.text(path))
    body = lines[at].rstrip("\r\n")
    new = _LINE.sub(lambda m: f"{m.group(1)}{m.group(2)}{m.group(3)}{specifier}{m.group(5)}", body)
    return edit(path, codebase.text(path), "".join([*lines[:at], str(new) + lines[at][len(body) :], *lines[at + 1 :]]))


def _newest(specifiers: Iterable[str]) -> str:
    """Return the exact pin with the highest version, '' when one of them is no pin."""
    from packaging.version import InvalidVersion, Version

    try:
        return max(specifiers, key=lambda one: Version(one.removeprefix("==")))
    except InvalidVersion:
        return ""


def _in_lists(name: str, ranges: list[str], codebase: Codebase) -> Iterator[tuple[str, str, tuple[FileEdit, ...]]]:
    """Yield (old, new, edits) for the lines of requirements and constraints files that exclude what is needed."""
    mine = [(path, at, spec) for path, at, one, spec in _lists(codebase) if one == name]
    pins = list(dict.fromkeys(spec for _, _, spec in mine))
    for path, at, spec in mine:
        wanted = [*_own(codebase, name), *(one for one in ranges if one not in pins)]
        against = [one for one in dict.fromkeys(wanted) if not _meets(spec, one)]
        if against:
            yield spec, against[0], _rewritten(codebase, path, at, against[0])
        elif len(pins) > 1 and all(one.startswith("==") for one in pins):
            newest = _newest(pins)
            if newest and newest != spec:
                yield spec, newest, _rewritten(codebase, path, at, newest)


def _in_tables(name: str, ranges: list[str], codebase: Codebase) -> Iterator[tuple[str, str, tuple[FileEdit, ...]]]:
    """Yield (old, new, edits) for the rows of tables that exclude what is needed: Poetry's, and groups of others."""
    for one in codebase.metadata.declared(name):
        own = specifier_of(one)
        asked = [*(_own(codebase, name) if one.group else []), *ranges]
        against = [spec for spec in asked if "^" not in spec and own and not _meets(own, spec)]
        grouped = bool(one.group) and one.format not in {"requirements", "build"}
        if (one.format.startswith("poetry") or grouped) and len(set(against)) == 1:
            yield own, against[0], with_specifier(one, against[0], codebase)


@strategy(causes=("dependency-conflict", "dependency"), trust="review", prior=0.74)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each line that stands against what is needed."""
    reasons = [failure.detail("reason") for failure in diagnosis.failures]
    for name, ranges in _ranges("\n".join([told(diagnosis, codebase), *reasons])).items():
        for old, new, edits in (*_in_lists(name, ranges, codebase), *_in_tables(name, ranges, codebase)):
            if edits:
                yield Proposal(
                    strategy="conflicting_pin",
                    title=f"Ask for {name}{new} in {edits[0].path}",
                    edits=edits,
                    confidence=0.76,
                    why=f"`{name}{old}` there excludes `{name}{new}`, which is asked for elsewhere.",
                )
