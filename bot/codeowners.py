"""Who owns a path, as a CODEOWNERS file says: the last pattern that fits a path decides, even when it names nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import re2

from bot.globs import expression

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
MAX_CHARS = 3_000_000  # GitHub ignores a larger file


class _Rule(NamedTuple):
    pattern: Any
    named: tuple[str, ...]


def owners(text: str, paths: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the owners (`@user`, `@org/team` or an address) of each path; nobody for a path that no line covers.

    The rules are those of GitHub's documentation: no `!`, no `[ ]` ranges, a pattern covers what lies below it.
    """
    rules = list(_rules(text)) if len(text) <= MAX_CHARS else []
    return {path: _last(rules, path) for path in paths}


def _rules(text: str) -> Iterator[_Rule]:
    for line in text.splitlines():
        words = _words(line)
        if words and not words[0].startswith("!") and "[" not in words[0]:
            named = tuple(word for word in words[1:] if "@" in word)
            if len(named) == len(words) - 1:
                yield _Rule(re2.compile(f"(?s){_pattern(words[0])}"), named)


def _words(line: str) -> list[str]:
    """Return a line's words without its comment; an escaped space belongs to its word."""
    bare = line.replace("\\ ", "\0").replace("\\#", "\1")
    words = bare.partition("#")[0].split()
    return [word.replace("\0", " ").replace("\1", "#") for word in words]


def _pattern(pattern: str) -> str:
    if pattern.endswith("/*"):
        return expression(pattern)  # `docs/*` covers the files in docs, not those in its folders
    made = expression(pattern)
    return made if pattern.endswith(("/", "/**")) else f"(?:{made})(?:/.*)?"


def _last(rules: list[_Rule], path: str) -> tuple[str, ...]:
    fitting = [rule.named for rule in rules if rule.pattern.fullmatch(path)]
    return fitting[-1] if fitting else ()
