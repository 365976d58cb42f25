"""Path patterns as the policy writes them, matched in linear time.

`*` and `?` stay within one part of a path, `**` crosses parts. A pattern without a slash matches a name at any depth;
one that ends in a slash matches everything below that folder, a folder of that name at any depth when it has no other.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import re2


def matches(pattern: str, path: str) -> bool:
    """Return whether a POSIX path, relative to the top of the repository, matches a pattern."""
    return _compiled(pattern).fullmatch(path) is not None


def any_match(patterns: Iterable[str], path: str) -> bool:
    """Return whether one of the patterns matches the path."""
    return any(matches(pattern, path) for pattern in patterns)


def expression(pattern: str) -> str:
    """Return the RE2 expression of a pattern, to be matched against a whole path."""
    anchored = pattern.lstrip("/")
    if "/" not in anchored.rstrip("/") and not pattern.startswith("/"):
        anchored = f"**/{anchored}"
    if anchored.endswith("/"):
        anchored += "**"
    made, at = "", 0
    while at < len(anchored):
        piece, at = _piece(anchored, at)
        made += piece
    return made


def _piece(text: str, at: int) -> tuple[str, int]:
    if text.startswith("**/", at) and (at == 0 or text[at - 1] == "/"):
        return "(?:[^/]+/)*", at + 3
    if text.startswith("**", at):
        return ".*", at + 2
    if text[at] == "*":
        return "[^/]*", at + 1
    if text[at] == "?":
        return "[^/]", at + 1
    return re2.escape(text[at]), at + 1


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> Any:
    return re2.compile(f"(?s){expression(pattern)}")
