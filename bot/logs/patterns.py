"""Regular expressions for untrusted text: RE2 only, one line at a time, bytes inside and text outside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import re2

from bot.logs.literals import required

_literals: dict[bytes, None] = {}


def _options(literal: bool = False) -> Any:
    options = re2.Options()
    options.literal = literal
    options.never_nl = not literal
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
        self._names = tuple((name.decode(), number) for name, number in self._compiled.groupindex.items())
        self.needs = tuple(literal.encode() for literal in required(pattern))
        _literals.update(dict.fromkeys(self.needs))

    def find(self, line: str) -> Groups | None:
        """Return the named groups of the first match in one line (a group that took no part is empty), or None."""
        match = self._compiled.search(line.encode("utf-8", "replace"))
        return None if match is None else self._groups(match)

    def hits(self, data: bytes) -> Iterator[tuple[int, Groups]]:
        """Yield (offset, named groups) of every match in `data`, in order."""
        for match in self._compiled.finditer(data):
            yield match.start(), self._groups(match)

    def first(self, data: bytes) -> int:
        """Return the offset of the first match in `data`, or -1."""
        return next((at for at, _ in self.hits(data)), -1)

    def _groups(self, match: Any) -> Groups:
        return Groups({name: (match[number] or b"").decode("utf-8", "replace") for name, number in self._names})

    def sub(self, replacement: bytes, data: bytes) -> bytes:
        """Return `data` with every match replaced."""
        kept: list[bytes] = []
        end = 0
        for match in self._compiled.finditer(data):
            start, stop = match.span()
            kept += (data[end:start], replacement)
            end = stop
        return b"".join((*kept, data[end:])) if kept else data


class Held:
    """Which lines hold which of the literals that the patterns need: one pass over the lines serves all patterns."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        known = tuple(_literals)
        held: dict[bytes, list[int]] = {literal: [] for literal in known}
        matcher = _matcher(known)
        for index, line in enumerate(lines):
            for number in matcher.Match(line) or ():
                held[known[number]].append(index)
        self._held = held
        self._together: dict[tuple[bytes, ...], list[int]] = {}

    def candidates(self, pattern: Rx) -> list[int] | None:
        """Return the lines on which a pattern can match, in order; None when that is not known."""
        if not pattern.needs or any(literal not in self._held for literal in pattern.needs):
            return None
        if len(pattern.needs) == 1:
            return self._held[pattern.needs[0]]
        known = self._together.get(pattern.needs)
        if known is None:
            known = sorted({index for literal in pattern.needs for index in self._held[literal]})
            self._together[pattern.needs] = known
        return known


@cache
def _matcher(literals: tuple[bytes, ...]) -> Any:
    matcher = re2.Set.SearchSet(_options(literal=True))
    for literal in literals:
        matcher.Add(literal)
    matcher.Compile()
    return matcher


@cache
def rx(pattern: str) -> Rx:
    """Return the pattern, compiled once; it is our own text, a wrong one raises `re2.error` at import."""
    return Rx(pattern)
