"""Declare a dependency that the code imports and the project's metadata does not name.

The requirement goes where the project keeps its own: to what users need when package code imports it, to the tests'
group when only tests do. A name that nobody vouches for is never declared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import re2

from bot.codebase import Codebase
from bot.codebase.metadata import Section, canonical
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._declare import insert, requirement
from bot.strategies._distributions import distribution_of
from bot.strategies._library import STANDARD
from bot.strategies._sites import sites

_MISSING = re2.compile(r"""No module named ['"]?([\w.]+)""")
_TEST_GROUPS = ("test", "tests", "testing", "dev", "develop", "development")
_AUTHORITY = ("pep621", "poetry", "setup.cfg", "setup.py", "pipfile", "requirements", "conda")


def _missing(diagnosis: Diagnosis, codebase: Codebase) -> Iterator[str]:
    """Yield the top-level names that could not be imported and are neither the project's nor the library's."""
    own = {module.partition(".")[0] for module in codebase.modules}
    for site in sites(diagnosis, codebase):
        found = _MISSING.search(site.message)
        top = found.group(1).partition(".")[0] if found else ""
        if top and top not in own and top not in STANDARD:
            yield top


def _users(module: str, codebase: Codebase) -> tuple[list[str], list[str]]:
    """Return the package files and the test files that import a module without a fallback."""
    package: list[str] = []
    tests: list[str] = []
    for path in codebase.python_files:
        for one in codebase.imports(path):
            if not one.level and one.module.partition(".")[0] == module and not one.guarded:
                (tests if codebase.is_test(path) else package).append(path)
                break
    return package, tests


def _sections(codebase: Codebase, *, tests: bool) -> list[Section]:
    """Return the lists that fit, the most authoritative first; a file that only pins for deployment comes last."""
    found = [one for one in codebase.metadata.sections if one.format != "build"]
    if not tests:
        return sorted(
            (one for one in found if not one.group and one.format in _AUTHORITY),
            key=lambda one: _AUTHORITY.index(one.format),
        )
    return sorted((one for one in found if one.group in _TEST_GROUPS), key=lambda one: _TEST_GROUPS.index(one.group))


def _edit(section: Section, name: str, codebase: Codebase) -> FileEdit | None:
    entries = tuple(
        one
        for one in codebase.metadata.dependencies
        if (one.file, one.format, one.group) == (section.file, section.format, section.group)
    )
    wanted = requirement(name, entries, codebase.packages.get(canonical(name), ""))
    text = insert(codebase.text(section.file), section, entries, wanted)
    return FileEdit(path=section.file, text=text) if text else None


@strategy(causes=("missing-dependency", "import-error", "test-failure", "error", "dependency"), trust="glance")
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one declaration for each import that fails and that a known distribution provides."""
    for module in dict.fromkeys(_missing(diagnosis, codebase)):
        name = distribution_of(module, codebase)
        package, tests = _users(module, codebase)
        if not name or not (package or tests):
            continue
        declared = {one.group for one in codebase.metadata.declared(name)}
        if "" in declared or (declared and not package):
            continue  # it is declared: what lacks it is the environment, not the project
        lists = _sections(codebase, tests=not package)
        made = next((edit for edit in (_edit(one, name, codebase) for one in lists) if edit), None)
        if made is None:
            continue
        where = "the code" if package else "the tests"
        yield Proposal(
            strategy="missing_dependency",
            title=f"Declare {name} in {made.path}",
            edits=(made,),
            confidence=0.9,
            why=f"{where} import `{module}` ({(package or tests)[0]}), and no metadata file asks for `{name}`.",
        )
