"""Commands of make, just, and of the script tables of Hatch, PDM, Poe, Taskipy, Rye and Pipenv."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import re2

from bot.checks.discovery.config import Config, toml_values
from bot.checks.discovery.shell import Command, commands

RANK = 3
_MAKE_VARIABLE = re2.compile(r"^([A-Za-z_][A-Za-z0-9_.-]*)\s*[:?]?:?=\s*(.*)$")
_MAKE_USE = re2.compile(r"\$[({]([A-Za-z_][A-Za-z0-9_.-]*)[)}]")
_ARGUMENTS = re2.compile(r"\{args(?::([^{}]*))?\}")
_TABLES = (("pdm", "scripts"), ("poe", "tasks"), ("taskipy", "tasks"), ("rye", "scripts"))
_SHELL_FILES = ("scripts/", "script/", "bin/", "ci/", "tools/")


def read(files: Mapping[str, str]) -> Iterator[Command]:
    """Yield the commands of the project's own scripts."""
    for path in ("Makefile", "makefile", "GNUmakefile"):
        if path in files:
            yield from _make(path, files[path])
    for path in ("justfile", "Justfile"):
        if path in files:
            yield from commands(_recipes(files[path]), path, rank=RANK)
    config = Config(files)
    for text in _tables(config):
        yield from commands(str(_ARGUMENTS.sub(lambda found: found.group(1) or "", text)), "pyproject.toml", rank=RANK)
    pipfile = toml_values(files.get("Pipfile", "")).get("scripts")
    for text in pipfile.values() if isinstance(pipfile, dict) else ():
        yield from commands(str(text), "Pipfile", rank=RANK)
    for path in sorted(files):
        if path.startswith(_SHELL_FILES) and path.count("/") == 1 and _is_shell(path, files):
            yield from commands(files[path], path, rank=RANK)


def _is_shell(path: str, files: Mapping[str, str]) -> bool:
    name = path.rpartition("/")[2]
    if name.endswith((".sh", ".bash")):
        return True
    return "." not in name and files[path].startswith(
        ("#!/bin/sh", "#!/bin/bash", "#!/usr/bin/env bash", "#!/usr/bin/env sh")
    )


def _recipes(text: str) -> str:
    """Return the indented lines of a Makefile or justfile, without the marks that stand before a command."""
    lines = [line.strip() for line in text.replace("\\\n", " ").splitlines() if line[:1] in {"\t", " "}]
    return "\n".join(line.lstrip("@+") for line in lines if not line.startswith(("-", "@-")) and "{{" not in line)


def _make(path: str, text: str) -> Iterator[Command]:
    joined = text.replace("\\\n", " ")
    known: dict[str, str] = {"MAKE": "make", "CURDIR": "."}
    for line in joined.splitlines():
        if line[:1] not in {"\t", " "} and (found := _MAKE_VARIABLE.match(line)):
            known[found.group(1)] = found.group(2).partition(" #")[0].strip()
    recipes = _recipes(text)
    for _ in range(3):
        recipes = str(_MAKE_USE.sub(lambda found: known.get(found.group(1), ""), recipes))
    yield from commands(recipes.replace("$$", "$"), path, rank=RANK)


def _tables(config: Config) -> Iterator[str]:
    for tool, table in _TABLES:
        yield from _texts((config.tool(tool) or {}).get(table))
    environments = (config.tool("hatch") or {}).get("envs")
    for environment in environments.values() if isinstance(environments, dict) else ():
        if isinstance(environment, dict):
            yield from _texts(environment.get("scripts"))


def _texts(table: Any, depth: int = 0) -> Iterator[str]:
    """Yield the shell texts of a table of scripts: plain, in lists, or under `cmd` and `shell`."""
    for value in table.values() if isinstance(table, dict) else table if isinstance(table, list) else ():
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            chosen = [value[key] for key in ("cmd", "shell", "sequence", "composite") if key in value]
            yield from _texts([one for one in chosen if isinstance(one, str)])
            yield from (
                text for one in chosen if isinstance(one, list) and depth < 4 for text in _texts(one, depth + 1)
            )
        elif isinstance(value, list) and depth < 4:
            yield from _texts(value, depth + 1)
