"""Test ids from JUnit's attributes, which leave out where a module's path ends and a class begins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.logs.project import Project


def test_id(attributes: Mapping[str, str], files: Iterable[str], project: Project) -> str:
    """Return the id as the runner prints it; `files` (of a traceback), or known files, tell where the path ends."""
    name, dotted = attributes.get("name", ""), attributes.get("classname", "")
    if not dotted:
        return name
    own = [project.path(attributes["file"])] if attributes.get("file") else []
    for file in (*own, *files):
        module = file.removesuffix(".py").replace("/", ".")
        if dotted == module or dotted.startswith(module + "."):
            rest = dotted[len(module) + 1 :]
            return "::".join([file, *filter(None, rest.split(".")), name])
    path, classes = path_of(dotted, project)
    return "::".join([path, *classes, name])


def path_of(dotted: str, project: Project) -> tuple[str, list[str]]:
    """Split a dotted name into a module's path and classes; without known files a class starts with a capital."""
    parts = dotted.split(".")
    for size in range(len(parts), 0, -1):
        path = "/".join(parts[:size]) + ".py"
        if path in project.files:
            return path, parts[size:]
    size = next((i for i, part in enumerate(parts) if i and part[:1].isupper()), len(parts))
    return "/".join(parts[:size]) + ".py", parts[size:]
