"""What the environment of a project has to hold: chosen from its declarations, nothing is resolved here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from bot.codebase.metadata import Dependency, Metadata, canonical, name_of

TEST_WORDS = frozenset(
    {"test", "tests", "testing", "dev", "develop", "development", "devel", "ci", "pytest", "unittest"}
)
"""Groups and files of these names hold what the tests need; one word of a longer name is enough."""
STANDALONE = frozenset(
    {"ruff", "flake8", "pyflakes", "pycodestyle", "pydocstyle", "bandit", "codespell", "vulture", "interrogate", "doc8"}
    | {"pre-commit-hooks", "autoflake", "black", "isort", "yapf", "autopep8", "docformatter", "mypy", "pyright", "ty"}
    | {"basedpyright"}
)
"""Tools that look at source text, so that they may live in an environment of their own."""
_RUNNER = ("pytest", "coverage")
_SECOND = ("requirements", "conda")


@dataclass(frozen=True)
class Needed:
    """Requirements of one environment.

    `core` is what the project itself needs, `runners` are the test runner and its plug-ins, `tools` only read source
    text, `helpful` are its test and development groups and what else its checks ask for.
    """

    core: tuple[str, ...] = ()
    runners: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    helpful: tuple[str, ...] = ()

    @property
    def checks(self) -> tuple[str, ...]:
        """Return what the checks need."""
        return (*self.runners, *self.tools)


def needed(metadata: Metadata, checks: tuple[str, ...]) -> Needed:
    """Return what an environment for a project and its checks has to hold."""
    main = [one for group in _with_included(metadata, [""]) for one in _group(metadata, group)]
    first = [one for one in main if one.format not in _SECOND and not one.group]
    core = tuple(_texts(metadata, first or [one for one in main if one.format == "requirements"] or main))
    groups = [one for group in _test_groups(metadata) for one in _group(metadata, group)]
    unique = tuple(dict.fromkeys(checks))
    runners = tuple(text for text in unique if name_of(text).startswith(_RUNNER))
    tools = tuple(text for text in unique if name_of(text) in STANDALONE)
    taken = {*core, *runners, *tools}
    helpful = dict.fromkeys((*_texts(metadata, [*(main if first else ()), *groups]), *unique))
    return Needed(core, runners, tools, tuple(text for text in helpful if text not in taken))


def _test_groups(metadata: Metadata) -> tuple[str, ...]:
    groups = dict.fromkeys(one.group for one in metadata.dependencies if one.group and one.format != "build")
    groups |= dict.fromkeys(outer for outer, _ in metadata.includes if outer)
    chosen = [group for group in groups if TEST_WORDS & set(group.lower().replace("_", "-").split("-"))]
    return tuple(group for group in _with_included(metadata, chosen) if group)


def _with_included(metadata: Metadata, groups: list[str]) -> tuple[str, ...]:
    found = list(groups)
    for group in found:
        found += [inner for outer, inner in metadata.includes if outer == group and inner not in found]
    return tuple(found)


def _group(metadata: Metadata, group: str) -> Iterator[Dependency]:
    yield from (one for one in metadata.dependencies if one.group == group)


def _texts(metadata: Metadata, dependencies: list[Dependency]) -> Iterator[str]:
    """Yield requirement texts; a reference to the project itself (`name[extra]`) stands for that extra."""
    seen: set[str] = set()
    pending = list(dependencies)
    while pending:
        one = pending.pop(0)
        requirement = parsed(one.requirement)
        if requirement is None or one.requirement in seen or not _from_an_index(requirement):
            continue
        seen.add(one.requirement)
        if metadata.name and one.name == canonical(metadata.name):
            pending += [inner for extra in sorted(requirement.extras) for inner in _group(metadata, extra)]
        else:
            yield one.requirement


def _from_an_index(requirement: Requirement) -> bool:
    """Return whether a requirement is to be had without asking an address that a stranger chose, or building a source.

    An address counts where it is a wheel of PyPI's own file store.
    """
    url = requirement.url or ""
    return not url or (url.startswith("https://files.pythonhosted.org/") and url.partition("#")[0].endswith(".whl"))


def parsed(text: str) -> Requirement | None:
    """Return a requirement as a value, or None when it is not PEP 508."""
    try:
        return Requirement(text)
    except InvalidRequirement:
        return None


def missing(requirements: tuple[str, ...], packages: Mapping[str, str]) -> tuple[str, ...]:
    """Return the requirements that installed packages do not meet; markers are evaluated for this interpreter."""
    return tuple(text for text in requirements if (one := parsed(text)) and not _met(one, packages))


def _met(requirement: Requirement, packages: Mapping[str, str]) -> bool:
    if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
        return True
    try:
        version = Version(packages.get(canonical(requirement.name), ""))
    except InvalidVersion:
        return False
    return requirement.specifier.contains(version, prereleases=True)
