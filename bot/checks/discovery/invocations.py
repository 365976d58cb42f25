"""Recognises the tool that a command runs, behind what starts it: `python -m`, `poetry run`, `uvx`, `coverage run`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import re2

from bot.checks.discovery.shell import UNKNOWN, Command

_PYTHON = re2.compile(r"^(python|pypy|py)[0-9.]*(\.exe)?$")
_PINNED = re2.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?(?:@|==)([0-9][A-Za-z0-9.]*)$")
_RUNNERS: Mapping[str, frozenset[str]] = {
    "poetry": frozenset({"run"}),
    "pipenv": frozenset({"run"}),
    "pdm": frozenset({"run"}),
    "rye": frozenset({"run"}),
    "hatch": frozenset({"run", "-e"}),
    "pixi": frozenset({"run"}),
    "conda": frozenset({"run"}),
    "micromamba": frozenset({"run"}),
    "uv": frozenset({"run", "tool"}),
    "pipx": frozenset({"run"}),
    "uvx": frozenset(),
}
_WITH_VALUE = frozenset(
    {"--from", "--with", "--group", "--extra", "--python", "-p", "-n", "--name", "--spec", "-e", "--package", "--env"}
    | {"--directory", "--project", "--index", "--no-group", "--only-group", "--with-requirements", "-m", "--no-extra"}
)
_COVERAGE_VALUE = frozenset(
    {"--source", "--include", "--omit", "--rcfile", "--data-file", "--context", "--concurrency"}
)
ALIASES = {"py.test": "pytest", "pytest-3": "pytest", "dmypy": "mypy", "basedpyright": "basedpyright"}


@dataclass(frozen=True)
class Invocation:
    """A tool with its arguments, as a project calls it; `version` is the one it pins there, `needs` go with it."""

    tool: str
    arguments: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)
    cwd: str = "."
    found_in: str = ""
    rank: int = 0
    version: str = ""
    needs: tuple[str, ...] = ()


def invocation(command: Command) -> Invocation | None:
    """Return what a command runs, or None when it is not a plain call or leaves the repository."""
    words, version = _bare(command.words)
    if not words or not command.cwd:
        return None
    tool = PurePosixPath(words[0]).name.removesuffix(".exe")
    arguments = tuple(word for word in words[1:] if UNKNOWN not in word or word.startswith("-"))
    if UNKNOWN in "".join(words):
        return None
    return Invocation(
        ALIASES.get(tool, tool), arguments, command.env, command.cwd, command.found_in, command.rank, version
    )


def _bare(words: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """Return the words from the tool's own name on, and the version that a tool runner was asked for."""
    version = ""
    for _ in range(6):
        if not words:
            return (), version
        name = PurePosixPath(words[0]).name
        if name in _RUNNERS:
            words, version = _after_runner(name, words[1:], version)
        elif _PYTHON.match(name):
            rest = _after_python(words[1:])
            if rest is None:
                return words, version
            words = rest
        elif name == "coverage":
            rest = _after_coverage(words[1:])
            if rest is None:
                return words, version
            words = rest
        else:
            break
    return words, version


def _after_runner(name: str, words: tuple[str, ...], version: str) -> tuple[tuple[str, ...], str]:
    if name == "uv" and words[:1] not in {("run",), ("tool",)}:
        return (), version
    verbs = _RUNNERS[name] | ({"run"} if name == "uv" else set())
    at, module = 0, False
    while at < len(words) and (words[at] in verbs or words[at].startswith("-")):
        if words[at] in {"-m", "--module"} and name == "uv":
            module = True
        elif words[at] in _WITH_VALUE and at + 1 < len(words):
            version = _version(words[at + 1]) or version
            at += 1
        at += 1
    rest = words[at:]
    if name == "hatch" and rest and ":" in rest[0]:
        return (), version
    if rest:
        version = _version(rest[0]) or version
        rest = (rest[0].partition("@")[0].partition("==")[0], *rest[1:])
    return (("python", "-m", *rest) if module else rest), version


def _version(word: str) -> str:
    found = _PINNED.match(word)
    return found.group(2) if found else ""


def _after_python(words: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the words from the module's name on, or None when Python runs something else than a module."""
    at = 0
    while at < len(words) and words[at].startswith("-"):
        if words[at] == "-m":
            return words[at + 1 :]
        if words[at] in {"-W", "-X"}:
            at += 1
        at += 1
    return None


def _after_coverage(words: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return what `coverage run` runs, None when that is no module."""
    if words[:1] != ("run",):
        return None
    at = 1
    while at < len(words) and words[at].startswith("-"):
        if words[at] in {"-m", "--module"}:
            return words[at + 1 :]
        if words[at] in _COVERAGE_VALUE:
            at += 1
        at += 1
    return ("python", *words[at:]) if at < len(words) and words[at].endswith(".py") else None
