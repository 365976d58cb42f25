"""What the environment of a project has to hold: chosen from its declarations, nothing is resolved here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from bot.codebase.metadata import Dependency, Metadata

TEST_WORDS = frozenset(
    {"test", "tests", "testing", "dev", "develop", "development", "devel", "ci", "pytest", "unittest"}
)
"""Groups and files of these names hold what the tests need; one word of a longer name is enough."""
_LESSER = frozenset({"pep621-extra", "setup.cfg-extra", "setup.py-extra", "hatch-env", "tox"})


@dataclass(frozen=True)
class Needed:
    """Requirements of one environment, from the least it can do with to all that would help.

    `core` is what the project itself needs, `checks` what its checks need, `helpful` its test and development groups.
    """

    core: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    helpful: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def steps(self) -> tuple[tuple[str, ...], ...]:
        """Return the sets to try, the fullest first, without repetition."""
        full = (*self.core, *self.helpful, *self.checks)
        return tuple(dict.fromkeys((full, (*self.core, *self.checks))))


def needed(metadata: Metadata, checks: tuple[str, ...]) -> Needed:
    """Return what an environment for a project and its checks has to hold."""
    main = [one for one in metadata.dependencies if one.group == ""]
    authoritative = [one for one in main if one.format != "requirements"]
    core = authoritative if authoritative else main
    pins = [one for one in main if one.format == "requirements"] if authoritative else []
    helpful = [one for group in _test_groups(metadata) for one in _group(metadata, group)]
    return Needed(
        core=tuple(_texts(metadata, core)),
        checks=tuple(dict.fromkeys(checks)),
        helpful=tuple(_texts(metadata, [*pins, *helpful])),
    )


def _test_groups(metadata: Metadata) -> tuple[str, ...]:
    groups = dict.fromkeys(one.group for one in metadata.dependencies if one.group and one.format != "build")
    chosen = [group for group in groups if TEST_WORDS & set(group.lower().replace("_", "-").split("-"))]
    included = {inner for outer, inner in metadata.includes if outer in chosen}
    return tuple(dict.fromkeys([*chosen, *included]))


def _group(metadata: Metadata, group: str) -> Iterator[Dependency]:
    yield from (one for one in metadata.dependencies if one.group == group)


def _texts(metadata: Metadata, dependencies: list[Dependency]) -> Iterator[str]:
    """Yield requirement texts; a reference to the project itself (`name[extra]`) stands for that extra."""
    seen: set[str] = set()
    pending = list(dependencies)
    while pending:
        one = pending.pop(0)
        requirement = parsed(one.requirement)
        if requirement is None or one.requirement in seen:
            continue
        seen.add(one.requirement)
        if metadata.name and one.name == canonicalize_name(metadata.name):
            pending += [inner for extra in sorted(requirement.extras) for inner in _group(metadata, extra)]
        else:
            yield one.requirement


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
    version = packages.get(canonicalize_name(requirement.name))
    if version is None:
        return False
    try:
        return requirement.specifier.contains(version, prereleases=True)
    except ValueError:
        return True
