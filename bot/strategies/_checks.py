"""The project's own checks as commands that repair instead of complain."""

from __future__ import annotations

from collections.abc import Collection

from bot.codebase import Codebase
from bot.model import Check, Diagnosis, Failure

MOST_FILES = 40  # more named files than this, and the command looks at everything it is configured for


def tools_of(diagnosis: Diagnosis) -> frozenset[str]:
    """Return the tools that complained, as the log parsers name them, hooks of pre-commit by the hook's name too."""
    names = {diagnosis.details.get("tool", ""), *(failure.tool for failure in diagnosis.failures)}
    names |= {name.removeprefix("pre-commit/") for name in names}
    return frozenset(name for name in names if name)


def check_of(codebase: Codebase, *tools: str) -> Check | None:
    """Return the project's first check by one of these tools: of one with two kinds, the one that is named."""
    checks = codebase.info.checks
    exact = (check for check in checks if f"{check.tool}-{check.kind}" in tools)
    others = (check for check in checks if check.tool in tools and check.argv[1:2] != ("format",))
    return next(exact, next(others, None))


def places_of(failure: Failure) -> tuple[tuple[str, int], ...]:
    """Return (file, line) of every place a failure names, the first one first; 0 for a place without a line."""
    places = [(failure.file or "", failure.line or 0)]
    for place in failure.detail("places").split():
        path, colon, line = place.rpartition(":")
        places.append((path, int(line)) if colon and line.isdigit() else (place, 0))
    return tuple(dict.fromkeys(place for place in places if place[0]))


def _cut(failure: Failure) -> bool:
    """Return whether the log tells of more places than it lists."""
    count = failure.detail("count")
    return count.isdigit() and int(count) > len(failure.detail("places").split())


def files_of(diagnosis: Diagnosis, codebase: Codebase, *suffixes: str) -> tuple[str, ...]:
    """Return the files complained about that are really there, in order; none when not all of them are known."""
    if any(_cut(failure) for failure in diagnosis.failures):
        return ()
    named = [*(path for failure in diagnosis.failures for path, _ in places_of(failure)), diagnosis.file]
    found = tuple(dict.fromkeys(path for path in named if path in codebase.files and path.endswith(suffixes)))
    return found if len(found) <= MOST_FILES else ()


def targets_of(diagnosis: Diagnosis, codebase: Codebase, check: Check | None, *valued: str) -> tuple[str, ...]:
    """Return the paths a repairing command is given: the files complained about, else what the check looks at.

    `valued` are options of the check whose value is the word behind them.
    """
    files = files_of(diagnosis, codebase, ".py", ".pyi", ".ipynb")
    words = check.argv[1:] if check else ()
    values = {at + 1 for at, word in enumerate(words) if word in valued}
    given = tuple(
        word
        for at, word in enumerate(words)
        if at not in values and not word.startswith("-") and word not in {"check", "format"}
    )
    return files or given or (".",)


def codes_of(diagnosis: Diagnosis) -> tuple[str, ...]:
    """Return the codes of the rules that were broken, each once."""
    codes = [failure.code for failure in diagnosis.failures] + [diagnosis.details.get("code", "")]
    return tuple(dict.fromkeys(code for code in codes if code))


def settings_of(check: Check | None, *allowed: str, flags: Collection[str] = ()) -> tuple[str, ...]:
    """Return the options of a check that also mean something to the repairing command, in their order.

    `allowed` are those with a value, given as `--option=value` or as two words, `flags` those without one.
    """
    words = check.argv if check else ()
    found: list[str] = []
    for word, after in zip(words, (*words[1:], ""), strict=False):
        if ("=" in word and word.partition("=")[0] in allowed) or word in flags:
            found.append(word)
        elif word in allowed and after and not after.startswith("-"):
            found += [word, after]
    return tuple(found)
