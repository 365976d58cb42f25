"""Refuses dependencies that the cause does not ask for: new names, removed ones, other sources than the index."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping

import re2

from bot.codebase.metadata import canonical, read
from bot.proof.change import Change, FileChange, Refusal
from bot.registry import gate

_SOURCES = re2.compile(
    r"(?i)^\s*(?:--?(?:extra-)?index(?:-url)?\b|-i\s|--find-links\b|-f\s|--trusted-host\b|index[-_]url\s*=|"
    r"extra[-_]index[-_]url\s*=|find[-_]links\s*=|\[\[tool\.(?:uv\.index|poetry\.source|pdm\.source)\]\]|url\s*=\s*[\"']https?:|"
    r"\[\[source\]\]|dependency_links)"
)
_DIRECT = re2.compile(
    r"(?i)(?:@\s*(?:git|hg|svn|bzr|https?|file)[+:]|^\s*(?:-e\s+)?(?:git|hg|svn|bzr)\+|\bgit\s*=\s*[\"'])"
)
_WORD = re2.compile(r"[A-Za-z0-9][\w.-]*")
_DECLARING = (".toml", ".cfg", ".txt", ".in", "setup.py", "Pipfile", ".yml", ".yaml")


@gate(kind="")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each declaration that the cause does not call for."""
    for file in change.files:
        if file.path.endswith(_DECLARING):
            yield from _names(file, change.asked)
            yield from _sources(file)


def _declared(file: FileChange, text: str | None) -> Mapping[str, int]:
    if not text:
        return {}
    # The reader looks for the files that a project keeps at its top.
    name = file.name if not _is_list(file.path) else file.path
    return {each.name: each.line for each in read({name: text}).dependencies}


def _is_list(path: str) -> bool:
    return path.endswith((".txt", ".in"))


def _names(file: FileChange, asked: frozenset[str]) -> Iterator[Refusal]:
    old, new = _declared(file, file.before), _declared(file, file.after)
    wanted = {canonical(name) for name in asked}
    wanted |= _said(file)
    for name, line in new.items():
        if name not in old and name not in wanted:
            yield Refusal(file.path, line, f"nothing asks for the new dependency {name}")
    for name, line in old.items():
        if name not in new and name not in wanted and file.after is not None:
            yield Refusal(file.path, line, f"the dependency {name} is removed")


def _said(file: FileChange) -> set[str]:
    """Return the words of a file that could not be read before: what it named then is no new dependency now."""
    if file.path.endswith(".toml") and file.before:
        try:
            tomllib.loads(file.before)
        except tomllib.TOMLDecodeError:
            return {canonical(word) for word in _WORD.findall(file.before)}
    return set()


def _sources(file: FileChange) -> Iterator[Refusal]:
    known = {text.strip() for _, text in file.removed}
    for line, text in file.added:
        if text.strip() not in known and (_SOURCES.search(text) or _DIRECT.search(text)):
            yield Refusal(file.path, line, "packages would come from another place than the index")
