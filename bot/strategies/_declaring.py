"""Where a project declares what it needs, and the edit that declares one thing more."""

from __future__ import annotations

from bot.codebase import Codebase
from bot.codebase.metadata import Section, canonical
from bot.model import FileEdit
from bot.strategies._declare import insert, requirement
from bot.strategies._distributions import distribution_of

_TEST_GROUPS = ("test", "tests", "testing", "dev", "develop", "development", "lint", "typing", "types", "mypy", "ci")
_AUTHORITY = ("pep621", "poetry", "setup.cfg", "setup.py", "pipfile", "requirements", "conda")


def sections(codebase: Codebase, *, tests: bool) -> list[Section]:
    """Return the lists that fit, the most authoritative first: users' requirements, or those of the tests."""
    found = [one for one in codebase.metadata.sections if one.format != "build"]
    if tests:
        known = [one for one in found if one.group in _TEST_GROUPS]
        return sorted(known, key=lambda one: _TEST_GROUPS.index(one.group))
    known = [one for one in found if not one.group and one.format in _AUTHORITY]
    return sorted(known, key=lambda one: _AUTHORITY.index(one.format))


def _edit(section: Section, name: str, codebase: Codebase) -> FileEdit | None:
    entries = tuple(
        one
        for one in codebase.metadata.dependencies
        if (one.file, one.format, one.group) == (section.file, section.format, section.group)
    )
    wanted = requirement(name, entries, codebase.packages.get(canonical(name), ""))
    text = insert(codebase.text(section.file), section, entries, wanted)
    return FileEdit(path=section.file, text=text) if text else None


def declared_edit(module: str, codebase: Codebase, *, tests: bool) -> tuple[FileEdit, ...]:
    """Return the edit that declares the distribution of an import name, for users or for the tests only.

    Empty when it is declared already, when nobody vouches for the name, or when no list can be edited safely.
    """
    name = distribution_of(module, codebase)
    return add_requirement(name, codebase, tests=tests) if name else ()


def add_requirement(name: str, codebase: Codebase, *, tests: bool) -> tuple[FileEdit, ...]:
    """Return the edit that declares a distribution, for users or for the tests and other checks only.

    Empty when it is declared already or when no list can be edited safely.
    """
    groups = {one.group for one in codebase.metadata.declared(name)}
    if "" in groups or (groups and tests):
        return ()
    made = (_edit(one, name, codebase) for one in sections(codebase, tests=tests))
    first = next((edit for edit in made if edit), None)
    return (first,) if first else ()
