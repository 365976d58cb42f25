"""Formats of one requirement a line: requirements files, setup.cfg, Pipfile, tox.ini, conda's environment.yml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import PurePosixPath

import re2

from bot.codebase.metadata.model import Dependency, Format, Part, Section, dependency
from bot.codebase.metadata.pyproject import poetry_requirement, table
from bot.codebase.metadata.toml_lines import entries

_COMMENT = re2.compile(r"(^|\s)#.*$")
_OPTION = re2.compile(r"\s--?[a-z].*$")
_REFERS = re2.compile(r"^\s*(?:-r|--requirement)[\s=]*([^\s#]+)")
_ITSELF = re2.compile(r"^\s*(?:-e\s+|--editable[\s=]+)?['\"]?\.\[([^\]]*)\]")
_INI_SECTION = re2.compile(r"^\[([^\]]+)\]")
_INI_KEY = re2.compile(r"^([A-Za-z0-9_.\-]+)\s*[=:]\s*(.*)$")
_FACTOR = re2.compile(r"^([A-Za-z0-9_{},.!-]+):\s+")
_CONDA = re2.compile(r"^(\s*)-\s+((?:[A-Za-z0-9_.\-]+::)?[A-Za-z0-9_.\-]+\s*[^#:]*)")


def requirements_group(file: str) -> str:
    """Return the group that a requirements file stands for: '' for what users need, else its telling word."""
    stem = PurePosixPath(file).stem.lower()
    folder = PurePosixPath(file).parent.name.lower()
    words = [word for word in stem.replace("_", "-").replace(".", "-").split("-") if word not in _FILLER]
    if words:
        return "-".join(words)
    return folder if folder in {"test", "tests", "doc", "docs", "dev", "examples", "benchmarks"} else ""


_FILLER = frozenset({"requirements", "requirement", "reqs", "req", "pip", "base", "main", "install", "prod", "txt"})


def read_requirements(file: str, text: str) -> Part:
    """Return what a requirements file lists, and the groups of the files it refers to; other options are left out."""
    lines = text.splitlines()
    section = Section(file, "requirements", requirements_group(file), 1, max(len(lines), 1))
    found = tuple(dependency(wanted, section, number) for wanted, number in requirement_lines(lines))
    referred = [requirements_group(match.group(1)) for line in lines if (match := _REFERS.match(line))]
    extras = [name.strip() for line in lines if (match := _ITSELF.match(line)) for name in match.group(1).split(",")]
    includes = tuple((section.group, group) for group in (*referred, *extras) if group != section.group)
    return Part(dependencies=tuple(one for one in found if one.name), sections=(section,), includes=includes)


def requirement_lines(lines: list[str]) -> Iterator[tuple[str, int]]:
    """Yield (requirement, line) of a requirements file, continued lines joined, hashes and comments cut off."""
    pending, start = "", 0
    for number, line in enumerate(lines, 1):
        start = start or number
        cut = _COMMENT.sub("", line).rstrip()
        if cut.endswith("\\"):
            pending += cut[:-1] + " "
            continue
        wanted = _OPTION.sub("", pending + cut).strip()
        if wanted and not wanted.startswith("-"):
            yield wanted, start
        pending, start = "", 0


def ini_lines(text: str) -> Iterator[tuple[str, str, str, int]]:
    """Yield (section, key, value, line) of an ini file: one for each line of a value, comments left out."""
    section = key = ""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith(("#", ";")):
            continue
        if found := _INI_SECTION.search(line):
            section, key = found.group(1).strip(), ""
        elif line[0].isspace():
            yield section, key, line.strip(), number
        elif found := _INI_KEY.search(line):
            key = found.group(1).strip()
            yield section, key, found.group(2).strip(), number


def read_setup_cfg(file: str, text: str) -> Part:
    """Return what a setup.cfg declares under [metadata] and [options]."""
    rows = list(ini_lines(text))
    single = {(section, key): (value, line) for section, key, value, line in rows if value}
    python, line = single.get(("options", "python_requires"), ("", 0))
    dependencies, sections = _ini_groups(file, rows)
    return Part(
        name=single.get(("metadata", "name"), ("", 0))[0],
        version=single.get(("metadata", "version"), ("", 0))[0],
        requires_python=python,
        requires_python_line=line,
        dependencies=dependencies,
        sections=sections,
        scripts=tuple(_ini_scripts(rows)),
    )


def _ini_place(section: str, key: str) -> tuple[Format, str] | None:
    if section == "options.extras_require":
        return "setup.cfg-extra", key
    if section == "options":
        known: dict[str, tuple[Format, str]] = {
            "install_requires": ("setup.cfg", ""),
            "tests_require": ("setup.cfg-extra", "test"),
            "setup_requires": ("build", "build"),
        }
        return known.get(key)
    if key == "deps" and section.startswith("testenv"):
        return "tox", section.partition(":")[2] or "test"
    return None


def _ini_groups(file: str, rows: list[tuple[str, str, str, int]]) -> tuple[tuple[Dependency, ...], tuple[Section, ...]]:
    dependencies: list[Dependency] = []
    sections: dict[tuple[str, str, str], Section] = {}
    for name, key, text, line in rows:
        if (place := _ini_place(name, key)) is None:
            continue
        value = text
        if place[0] == "tox" and (factor := _FACTOR.match(text)):
            place, value = (place[0], f"{place[1]}:{factor.group(1)}"), text[factor.end() :]
        at = (name, key, place[1])
        start = sections[at].line if at in sections else line
        section = sections[at] = Section(file, place[0], place[1], start, line)
        wanted = _COMMENT.sub("", value).strip()
        if wanted and not wanted.startswith(("-", "{", "file:")):
            dependencies.append(dependency(wanted, section, line))
    return tuple(one for one in dependencies if one.name), tuple(sections.values())


def _ini_scripts(rows: list[tuple[str, str, str, int]]) -> Iterator[tuple[str, str, str]]:
    for section, key, value, _ in rows:
        name, equals, target = value.partition("=")
        if section == "options.entry_points" and equals:
            yield key, name.strip(), target.strip()


def read_tox(file: str, text: str) -> Part:
    """Return the `deps` of the environments of a tox.ini."""
    dependencies, sections = _ini_groups(file, list(ini_lines(text)))
    return Part(dependencies=dependencies, sections=sections)


def read_pipfile(file: str, text: str) -> Part:
    """Return the packages of a Pipfile."""
    kinds: dict[tuple[str, ...], tuple[Format, str]] = {
        ("packages",): ("pipfile", ""),
        ("dev-packages",): ("pipfile-dev", "dev"),
    }
    try:
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return Part(problem=f"{file}: {error}")
    dependencies: list[Dependency] = []
    sections: dict[str, Section] = {}
    for entry in entries(text):
        if entry.table in kinds and entry.key[0]:
            kind, group = kinds[entry.table]
            start = sections[group].line if group in sections else entry.line
            section = sections[group] = Section(file, kind, group, start, entry.end_line)
            wanted = poetry_requirement(entry.key[0], table(values, entry.table[0]).get(entry.key[0]))
            dependencies.append(dependency(wanted, section, entry.line))
    return Part(dependencies=tuple(one for one in dependencies if one.name), sections=tuple(sections.values()))


def read_conda(file: str, text: str) -> Part:
    """Return the packages of a conda environment file, those of its pip list included."""
    rows = []
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line[0].isspace() and not line.startswith(("-", "#")):
            inside = line.startswith("dependencies:")
        elif inside and (found := _CONDA.search(line)):
            rows.append((found.group(2).strip(), number))
    if not rows:
        return Part()
    section = Section(file, "conda", "", rows[0][1], rows[-1][1])
    found = tuple(dependency(_conda_requirement(wanted), section, number) for wanted, number in rows)
    return Part(dependencies=tuple(one for one in found if one.name not in {"python", "pip"}), sections=(section,))


def _conda_requirement(text: str) -> str:
    """conda writes `name=1.2` where PEP 508 says `name==1.2.*`."""
    text = text.rpartition("::")[2]
    name, equals, version = text.partition("=")
    if equals and not version.startswith("=") and name[-1:] not in "<>!~=":
        return f"{name}=={version.partition('=')[0]}.*"
    return text
