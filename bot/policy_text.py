"""Reads a YAML file as plain data and remembers on which line every key stands.

The text is untrusted: it is capped, aliases are not followed, and only plain values are made of it.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MAX_CHARS = 32_000
MAX_DEPTH = 12
MAX_BRACKETS = 50  # the scanner's time grows with the square of open brackets, before any depth is known
Location = tuple[str | int, ...]
WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: the line (from 1), the key in dots, and what; `file` where it is not the one read."""

    line: int
    key: str
    text: str
    file: str = ""


@dataclass(frozen=True)
class Document:
    """A file as plain data, the line of each place in it, and why it could not be read, if it could not."""

    data: dict[str, Any] = field(default_factory=dict)
    lines: Mapping[Location, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def problem(self, error: Mapping[str, Any], keys: Sequence[str] = ()) -> Problem:
        """Return one pydantic error as a problem at the line of the key it is about; `keys` are those there are."""
        place: Location = tuple(error["loc"])
        known = place
        while known and known not in self.lines:
            known = known[:-1]
        key = ".".join(str(part) for part in known or place) or "the file"
        return Problem(self.lines.get(known, 1), key, f"{key}: {_words(error, keys)}")


def read(text: str) -> Document:
    """Return the document of a YAML text whose top is a mapping; what can't be read becomes a problem."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        _bounded(text)
        node = YAML(pure=True).compose(text)
        reader = _Reader()
        data = reader.plain(node, (), 0) if node is not None else {}
    except _Unreadable as error:
        return _unreadable(error.line, str(error))
    except (YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "it can't be read"
        return _unreadable(mark.line + 1 if mark else 1, f"not valid YAML: {reason}")
    if data is None:
        return Document()
    if not isinstance(data, dict):
        return _unreadable(1, "the file must hold keys and values")
    return Document(data, reader.lines)


class _Unreadable(Exception):
    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line


def _bounded(text: str) -> None:
    if len(text) > MAX_CHARS:
        raise _Unreadable(1, f"the file has more than {MAX_CHARS:,} characters")
    depth = 0
    for char in text:
        depth += (char in "[{") - (char in "]}")
        if depth > MAX_BRACKETS:
            raise _Unreadable(1, "the values are nested too deeply")


class _Reader:
    """Turns composed nodes into dicts, lists and scalars, noting where each stood."""

    def __init__(self) -> None:
        self.lines: dict[Location, int] = {}
        self._seen: set[int] = set()

    def plain(self, node: Any, place: Location, depth: int) -> Any:
        """Return the plain value of a node at a place of the document."""
        line = node.start_mark.line + 1
        self.lines.setdefault(place, line)
        if id(node) in self._seen:
            raise _Unreadable(line, "aliases (`*name`) are not supported here; write the value out")
        self._seen.add(id(node))
        if depth > MAX_DEPTH:
            raise _Unreadable(line, "the values are nested too deeply")
        if node.id == "mapping":
            return self._mapping(node, place, depth)
        if node.id == "sequence":
            return [self.plain(item, (*place, index), depth + 1) for index, item in enumerate(node.value)]
        return _scalar(node, line)

    def _mapping(self, node: Any, place: Location, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if key_node.id != "scalar":
                raise _Unreadable(line, "a key must be a plain word")
            key = str(key_node.value)
            if key in made:
                raise _Unreadable(line, f"the key {key!r} stands here twice")
            self.lines[(*place, key)] = line
            made[key] = self.plain(value_node, (*place, key), depth + 1)
        return made


def _scalar(node: Any, line: int) -> Any:
    text = str(node.value)
    kind = str(getattr(node, "tag", "") or "").rpartition(":")[2]
    if kind == "int":
        return _number(int, text, line)
    if kind == "float":
        return _number(float, text, line)
    if kind in ("bool", "null"):
        return WORDS.get(text.lower(), text)
    return text


def _number(make: Any, text: str, line: int) -> Any:
    try:
        return make(text)
    except ValueError:
        raise _Unreadable(line, f"{text[:40]!r} is not a plain number") from None


def _unreadable(line: int, text: str) -> Document:
    return Document(problems=(Problem(line, "", text),))


def _words(error: Mapping[str, Any], keys: Sequence[str]) -> str:
    kind, context = str(error["type"]), error.get("ctx", {})
    shown = repr(error.get("input"))
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(str(error["loc"][-1]), keys, n=1)
        return "there is no such key" + (f"; did you mean {near[0]!r}?" if near else "")
    if kind == "missing":
        return "this key is needed"
    if kind == "literal_error":
        return f"must be {context['expected']}, not {shown}"
    if kind == "model_type":
        return f"must hold keys and values, not {shown}"
    message = str(error["msg"]).removeprefix("Value error, ")
    return message if kind == "value_error" else f"{message[:1].lower()}{message[1:]}, not {shown}"
