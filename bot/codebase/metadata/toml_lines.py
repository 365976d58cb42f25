"""Where the keys and strings of a TOML file stand: the standard reader gives values, but no lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Entry:
    """One `key = value`: its table, key, first and last line, and the strings of its value (inline tables' apart)."""

    table: tuple[str, ...]
    key: tuple[str, ...]
    line: int
    end_line: int
    strings: tuple[tuple[str, int], ...]

    @property
    def path(self) -> tuple[str, ...]:
        """Return table and key as one path."""
        return self.table + self.key


@dataclass
class _Reader:
    text: str
    at: int = 0
    line: int = 1
    braces: int = 0
    strings: list[tuple[str, int]] = field(default_factory=list)

    def step(self, count: int = 1) -> None:
        self.line += self.text.count("\n", self.at, self.at + count)
        self.at += count

    def rest(self, text: str) -> bool:
        return self.text.startswith(text, self.at)

    def skip_comment(self) -> None:
        end = self.text.find("\n", self.at)
        self.at = len(self.text) if end < 0 else end

    def string(self) -> str:
        """Read the string that starts here, of any of TOML's four kinds, and return its content as written."""
        mark = self.text[self.at]
        quote = mark * 3 if self.rest(mark * 3) else mark
        start, line = self.at + len(quote), self.line
        self.step(len(quote))
        while self.at < len(self.text) and not self.rest(quote):
            self.step(2 if mark == '"' and self.rest("\\") else 1)
        content = self.text[start : self.at]
        self.step(len(quote))
        if not self.braces:
            self.strings.append((content, line))
        return content

    def value(self) -> None:
        """Read on to the end of the value that starts here."""
        brackets = self.braces = 0
        while self.at < len(self.text):
            char = self.text[self.at]
            if char in "\"'":
                self.string()
                continue
            if char == "#":
                self.skip_comment()
                continue
            if char == "\n" and brackets + self.braces <= 0:
                break
            brackets += (char == "[") - (char == "]")
            self.braces += (char == "{") - (char == "}")
            self.step()
        self.braces = 0

    def key(self, ends: str) -> tuple[str, ...]:
        """Read a dotted key up to one of the characters `ends`, and return its parts."""
        parts, bare = [], ""
        while self.at < len(self.text) and self.text[self.at] not in ends + "\n":
            char = self.text[self.at]
            if char in "\"'":
                bare = self.string()
                continue
            if char == ".":
                parts.append(bare)
                bare = ""
            elif not char.isspace():
                bare += char
            self.step()
        return (*parts, bare)


def entries(text: str) -> Iterator[Entry]:
    """Yield the entries of a TOML text in order; of a text that is not TOML, what can be made out."""
    reader = _Reader(text)
    table: tuple[str, ...] = ()
    while reader.at < len(text):
        char = text[reader.at]
        if char == "#":
            reader.skip_comment()
        elif char == "[":
            reader.step(2 if reader.rest("[[") else 1)
            table = reader.key("]")
            reader.skip_comment()
        elif char.isspace():
            reader.step()
        else:
            yield _entry(reader, table)


def _entry(reader: _Reader, table: tuple[str, ...]) -> Entry:
    line = reader.line
    key = reader.key("=")
    reader.strings.clear()
    reader.step()
    reader.value()
    return Entry(table, key, line, reader.line, tuple(reader.strings))
