"""All calls of tools that a project's automation makes, the most telling source first."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping

from bot.checks.discovery import from_nox, from_precommit, from_scripts, from_tox, from_workflows
from bot.checks.discovery.invocations import Invocation, invocation

_SOURCES = (from_workflows.read, from_tox.read, from_nox.read, from_scripts.read)


def calls(files: Mapping[str, str]) -> tuple[Invocation, ...]:
    """Return the calls in order of rank: workflows, tox and nox, scripts, pre-commit."""
    found = [call for read in _SOURCES for command in read(files) if (call := invocation(command))]
    found += from_precommit.read(files)
    return tuple(sorted(found, key=lambda one: one.rank))


def expanded(files: Mapping[str, str], call: Invocation) -> tuple[str, ...] | None:
    """Return a call's arguments with patterns replaced by the files they match, None when a path is not there."""
    words: list[str] = []
    after_option = False
    for word in call.arguments:
        plain = not word.startswith("-") and not after_option
        if not word.startswith("-") and "/" in word and any(char in word for char in "*?["):
            matched = sorted(_matching(files, call.cwd, word))
            if not matched:
                return None
            words += matched
        elif plain and "/" in word and not word.startswith(("/", "{")) and not exists(files, call.cwd, word):
            return None
        else:
            words.append(word)
        after_option = word.startswith("-") and "=" not in word
    return tuple(words)


def exists(files: Mapping[str, str], cwd: str, word: str) -> bool:
    """Return whether a word names a file or folder of the project, seen from `cwd` (a test id's path counts)."""
    path = word.partition("::")[0].removeprefix("./").rstrip("/")
    full = path if cwd == "." else f"{cwd}/{path}"
    if path in ("", "."):
        return True
    if ".." in path.split("/"):
        return False
    return full in files or any(one.startswith(f"{full}/") for one in files)


def _matching(files: Mapping[str, str], cwd: str, pattern: str) -> Iterator[str]:
    prefix = "" if cwd == "." else f"{cwd}/"
    wanted = pattern.removeprefix("./").replace("**/", "*")
    for path in files:
        relative = path[len(prefix) :]
        deep = "**" in pattern or relative.count("/") == wanted.count("/")
        if deep and path.startswith(prefix) and fnmatch.fnmatchcase(relative, wanted):
            yield relative
