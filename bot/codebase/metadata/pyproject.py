"""pyproject.toml: PEP 621, PEP 735, Poetry, PDM, uv, Hatch, and what the build needs."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from bot.codebase.metadata.model import Dependency, Format, Part, Section, canonical, dependency
from bot.codebase.metadata.toml_lines import Entry, entries

_LISTS: tuple[tuple[tuple[str, ...], Format], ...] = (
    (("project", "dependencies"), "pep621"),
    (("project", "optional-dependencies", "*"), "pep621-extra"),
    (("dependency-groups", "*"), "pep735"),
    (("tool", "uv", "dev-dependencies"), "uv-dev"),
    (("tool", "pdm", "dev-dependencies", "*"), "pdm-dev"),
    (("tool", "hatch", "envs", "*", "dependencies"), "hatch-env"),
    (("tool", "hatch", "envs", "*", "extra-dependencies"), "hatch-env"),
    (("build-system", "requires"), "build"),
)
_TABLES: tuple[tuple[tuple[str, ...], Format], ...] = (
    (("tool", "poetry", "dependencies"), "poetry"),
    (("tool", "poetry", "dev-dependencies"), "poetry-group"),
    (("tool", "poetry", "group", "*", "dependencies"), "poetry-group"),
)


def read(file: str, text: str) -> Part:
    """Return what a pyproject.toml declares; a broken one is a part with a problem."""
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return Part(problem=f"{file}: {error}")
    found = tuple(entries(text))
    project = table(data, "project")
    poetry = table(data, "tool", "poetry")
    python, line = _python(project, poetry, found)
    dependencies, sections = _declared(file, data, found)
    return Part(
        name=str(project.get("name") or poetry.get("name") or ""),
        version=str(project.get("version") or poetry.get("version") or ""),
        requires_python=python,
        requires_python_line=line,
        dependencies=dependencies,
        sections=sections,
        includes=tuple(_includes(table(data, "dependency-groups"))),
        scripts=tuple(_scripts(project, poetry)),
    )


def table(data: Any, *path: str) -> dict[str, Any]:
    """Return the table at a path of parsed TOML, or an empty one when something else or nothing is there."""
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def _python(project: Mapping[str, Any], poetry: Mapping[str, Any], found: tuple[Entry, ...]) -> tuple[str, int]:
    own = project.get("requires-python")
    if isinstance(own, str):
        return own, _line(found, ("project", "requires-python"))
    wanted = table(poetry, "dependencies").get("python")
    if isinstance(wanted, str):
        return poetry_specifier(wanted), _line(found, ("tool", "poetry", "dependencies", "python"))
    return "", 0


def _line(found: tuple[Entry, ...], path: tuple[str, ...]) -> int:
    return next((entry.line for entry in found if entry.path == path), 0)


def _declared(
    file: str, data: dict[str, Any], found: tuple[Entry, ...]
) -> tuple[tuple[Dependency, ...], tuple[Section, ...]]:
    dependencies: list[Dependency] = []
    sections: dict[tuple[str, ...], Section] = {}
    for entry in found:
        for pattern, kind in _LISTS:
            if (group := _match(pattern, entry.path)) is not None:
                section = Section(file, kind, _group(kind, group), entry.line, entry.end_line)
                sections[entry.path] = section
                dependencies.extend(dependency(text, section, line) for text, line in entry.strings)
        for pattern, kind in _TABLES:
            if (group := _match(pattern, entry.table)) is not None and entry.key[0] != "python":
                section = _grown(sections, Section(file, kind, _group(kind, group), entry.line, entry.end_line))
                value = table(data, *entry.table).get(entry.key[0])
                text = poetry_requirement(entry.key[0], value)
                dependencies.append(dependency(text, section, entry.line))
    return tuple(one for one in dependencies if one.requirement), tuple(sections.values())


def _grown(sections: dict[tuple[str, ...], Section], new: Section) -> Section:
    """A table's section starts at its first entry and ends with its last."""
    known = sections.get((new.format, new.group))
    start = known.line if known else new.line
    grown = Section(new.file, new.format, new.group, start, new.end_line)
    sections[new.format, new.group] = grown
    return grown


def _match(pattern: tuple[str, ...], path: tuple[str, ...]) -> str | None:
    """Return what stands for `*` ('' when there is none) or None when the path is another."""
    if len(pattern) != len(path) or any(a not in ("*", b) for a, b in zip(pattern, path, strict=True)):
        return None
    return next((b for a, b in zip(pattern, path, strict=True) if a == "*"), "")


def _group(kind: Format, star: str) -> str:
    fixed = {"build": "build", "uv-dev": "dev", "poetry-group": star or "dev"}
    return fixed.get(kind, star)


def dynamic_files(text: str) -> dict[str, str]:
    """Return the files that `[tool.setuptools.dynamic]` takes dependencies from, with their groups ('' = main)."""
    try:
        dynamic = table(tomllib.loads(text), "tool", "setuptools", "dynamic")
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}
    wanted = {"": table(dynamic, "dependencies"), **table(dynamic, "optional-dependencies")}
    found = {}
    for group, value in wanted.items():
        named = value.get("file") if isinstance(value, dict) else None
        for path in [named] if isinstance(named, str) else named or ():
            found[str(path)] = group
    return found


def _includes(groups: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (group, included group) of PEP 735."""
    for group, items in groups.items():
        for item in items if isinstance(items, list) else ():
            if isinstance(item, dict) and isinstance(item.get("include-group"), str):
                yield group, item["include-group"]


def _scripts(project: Mapping[str, Any], poetry: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield (group, name, target) of every entry point."""
    groups = {
        "console_scripts": table(project, "scripts") or table(poetry, "scripts"),
        "gui_scripts": table(project, "gui-scripts"),
        **{name: table(points) and points for name, points in table(project, "entry-points").items()},
        **{name: table(points) and points for name, points in table(poetry, "plugins").items()},
    }
    for group, points in groups.items():
        for name, target in (points or {}).items():
            if isinstance(target, str):
                yield group, name, target


def poetry_requirement(name: str, value: Any) -> str:
    """Return a Poetry or Pipfile dependency as PEP 508 text: of alternatives the first, of a repository the name.

    A folder or file is none that an index has: then the text is empty.
    """
    if isinstance(value, list):
        value = value[0] if value else "*"
    if isinstance(value, str):
        return f"{canonical(name)}{poetry_specifier(value)}"
    if not isinstance(value, dict):
        return canonical(name)
    if "path" in value or "file" in value:
        return ""
    extras = value.get("extras")
    suffix = f"[{','.join(map(str, extras))}]" if isinstance(extras, list) and extras else ""
    text = f"{canonical(name)}{suffix}{poetry_specifier(str(value.get('version', '*')))}"
    marker = value.get("markers")
    return f"{text} ; {marker}" if isinstance(marker, str) else text


def poetry_specifier(text: str) -> str:
    """Return a Poetry version constraint as a PEP 440 specifier (caret, tilde, bare and wildcard forms)."""
    first = text.partition("||")[0]
    parts = [_one_specifier(part.strip()) for part in first.replace(" ", ",").split(",")]
    return ",".join(part for part in parts if part)


def _one_specifier(text: str) -> str:
    if text in ("", "*"):
        return ""
    if text.startswith("^"):
        return f">={text[1:]},<{_next(text[1:], caret=True)}"
    if text.startswith("~") and not text.startswith("~="):
        return f">={text[1:]},<{_next(text[1:], caret=False)}"
    if text[0] in "<>=!~":
        return text
    return f"=={text}"


def _next(version: str, *, caret: bool) -> str:
    """Return the first version beyond the range: caret raises the first non-zero part, tilde the second (or first)."""
    numbers = [int(part) for part in version.split(".") if part.isdigit()] or [0]
    if caret:
        at = next((i for i, number in enumerate(numbers) if number), len(numbers) - 1)
    else:
        at = min(1, len(numbers) - 1)
    return ".".join(map(str, [*numbers[:at], numbers[at] + 1]))
