"""Finds texts of which one must occur wherever a pattern matches, so that most lines are never tried."""

from __future__ import annotations

from dataclasses import dataclass

Needs = tuple[str, ...]
SHORTEST = 3
ESCAPED = frozenset(".()[]{}*+?|^$\\/-'\"#&~ <>=:,;@!%_`")


def required(pattern: str) -> Needs:
    """Return literals of which at least one is in every match, or none when the pattern does not promise any.

    Reads the part of RE2's syntax that our patterns use; what it does not know ends a literal, which is safe.
    """
    if "(?i)" in pattern:
        return ()
    needs = _alternatives(_Text(pattern))
    return needs if needs and min(map(len, needs)) >= SHORTEST else ()


@dataclass
class _Text:
    """A pattern and how far it is read."""

    text: str
    at: int = 0

    def peek(self, size: int = 1) -> str:
        return self.text[self.at : self.at + size]

    def take(self) -> str:
        self.at += 1
        return self.text[self.at - 1]


def _alternatives(source: _Text) -> Needs:
    """Read alternatives up to the end or a closing bracket: together they promise the promises of all."""
    together: list[Needs] = []
    while True:
        together.append(_sequence(source))
        if source.peek() != "|":
            break
        source.take()
    return tuple(dict.fromkeys(lit for part in together for lit in part)) if all(together) else ()


def _sequence(source: _Text) -> Needs:
    """Read one sequence and return its best promise: the one whose shortest literal is longest."""
    promises: list[Needs] = []
    literal = ""
    while source.peek() and source.peek() not in "|)":
        char, inner = _item(source)
        optional = source.peek() in ("?", "*") or source.peek(2) == "{0"
        repeated = _quantifier(source)
        if char and not optional:
            literal += char
        if inner and not optional:
            promises.append(inner)
        if not char or optional or repeated:
            promises.append((literal,))
            literal = ""
    promises.append((literal,))
    return max((p for p in promises if all(p)), key=lambda p: min(map(len, p)), default=())


def _item(source: _Text) -> tuple[str, Needs]:
    """Read one item: (its literal character, or nothing; the promise of a group)."""
    char = source.take()
    if char == "(":
        _group_head(source)
        inner = _alternatives(source)
        source.at += 1
        return "", inner
    if char == "[":
        _class(source)
        return "", ()
    if char == "\\":
        escaped = source.take()
        if escaped == "x":
            source.at += 2
        return (escaped, ()) if escaped in ESCAPED else ("", ())
    return ("", ()) if char in ".^$" else (char, ())


def _group_head(source: _Text) -> None:
    if source.peek(2) == "?:":
        source.at += 2
    elif source.peek(2) == "?P":
        source.at = source.text.index(">", source.at) + 1


def _class(source: _Text) -> None:
    source.at += source.peek() == "^"
    source.at += source.peek() == "]"
    while source.peek() != "]":
        source.at += 2 if source.peek() == "\\" else 1
    source.at += 1


def _quantifier(source: _Text) -> bool:
    """Skip a quantifier; return whether there was one."""
    start = source.at
    if source.peek() == "{" and source.peek(2)[1:].isdigit():
        source.at = source.text.index("}", source.at) + 1
    while source.peek() and source.peek() in "?*+":
        source.at += 1
    return source.at > start
