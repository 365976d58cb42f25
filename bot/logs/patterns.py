"""Regular expressions for untrusted text: RE2 only, one line at a time, bytes inside and text outside."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import re2


def _options() -> Any:
    options = re2.Options()
    options.never_nl = True
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    return options


class Groups(dict[str, str]):
    """The named groups of one match, by name; a match is true even when it has none."""

    def __bool__(self) -> bool:
        """Return True: it is a match."""
        return True


class Rx:
    """One pattern; `^` and `$` are the ends of a line and no match ever spans two lines."""

    def __init__(self, pattern: str) -> None:
        self._compiled = re2.compile(b"(?m)" + pattern.encode(), _options())

    def find(self, line: str) -> Groups | None:
        """Return the named groups of the first match in one line (a group that took no part is empty), or None."""
        match = self._compiled.search(line.encode("utf-8", "replace"))
        return None if match is None else _groups(match)

    def hits(self, data: bytes) -> Iterator[tuple[int, Groups]]:
        """Yield (offset, named groups) of every match in `data`."""
        for match in self._compiled.finditer(data):
            yield match.start(), _groups(match)

    def first(self, data: bytes) -> int:
        """Return the offset of the first match in `data`, or -1."""
        match = self._compiled.search(data)
        return -1 if match is None else int(match.start())

    def sub(self, replacement: bytes, data: bytes) -> bytes:
        """Return `data` with every match replaced."""
        return bytes(self._compiled.sub(replacement, data))


def _groups(match: Any) -> Groups:
    return Groups(
        {name.decode(): (value or b"").decode("utf-8", "replace") for name, value in match.groupdict().items()}
    )


@cache
def rx(pattern: str) -> Rx:
    """Return the pattern, compiled once; it is our own text, a wrong one raises `re2.error` at import."""
    return Rx(pattern)
