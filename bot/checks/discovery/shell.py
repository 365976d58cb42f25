"""Reads shell text as a list of plain commands; what it can't follow (substitutions, loops) it leaves out."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field

import re2

_ASSIGNED = re2.compile(r"^([A-Za-z_][A-Za-z0-9_]*)=(.*)$")
_VARIABLE = re2.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::?-([^}]*))?\}|\$([A-Za-z_][A-Za-z0-9_]*)|\$[@*#?0-9]")
_EXPRESSION = re2.compile(r"\$\{\{.*?\}\}")
_SUBSTITUTION = re2.compile(r"\$\(|`|<\(|<<")
_ENDS = frozenset({"&&", ";", ";;", "&", "|", "|&"})
_SKIPPED = frozenset({"then", "else", "do", "{", "(", "time", "sudo", "exec", "command", "env", "xvfb-run"})
_STRUCTURE = frozenset({"if", "elif", "for", "while", "case", "function", "fi", "done", "esac", "}", ")", "set", "!"})
UNKNOWN = "\x00"
"""Stands in a word for what only the runner of the shell knows."""


@dataclass(frozen=True)
class Command:
    """One command: its words, the variables set for it, the folder it runs in ('' = outside), where it was found."""

    words: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)
    cwd: str = "."
    found_in: str = ""
    rank: int = 0


def commands(text: str, found_in: str = "", *, rank: int = 0, cwd: str = ".") -> Iterator[Command]:
    """Yield the plain commands of a shell text, in order; those whose failure is ignored (`|| true`) are left out."""
    known: dict[str, str] = {}
    exported: dict[str, str] = {}
    for line in _logical_lines(text):
        if _SUBSTITUTION.search(line):
            continue
        here = cwd
        for words in _simple_commands(_words(line)):
            env, rest = _assignments(words, known)
            if not rest:
                known.update(env)
            elif rest[0] == "export":
                known.update(added := _assignments(list(rest[1:]), known)[0])
                # A variable that the text itself uses is a matter of the script, not of what it runs.
                exported.update({key: added[key] for key in added if f"${key}" not in text and f"${{{key}" not in text})
            elif rest[0] == "cd" and len(rest) == 2:
                here = cwd = _joined(here, rest[1])
            elif rest[0] == "for" and len(rest) > 1:
                known[rest[1]] = UNKNOWN * 2
            elif rest[0] not in _STRUCTURE:
                yield Command(rest, exported | env, here, found_in, rank)


def _logical_lines(text: str) -> Iterator[str]:
    joined = text.replace("\\\r\n", " ").replace("\\\n", " ")
    for line in joined.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            yield _EXPRESSION.sub(UNKNOWN, line)


def _words(line: str) -> list[str]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|()<>")
    lexer.whitespace_split = True
    lexer.commenters = "#"
    try:
        return list(lexer)
    except ValueError:
        return []


def _simple_commands(words: list[str]) -> Iterator[list[str]]:
    """Cut at `&&`, `;` and `|`; a command before `||` may fail, so it is no check and is left out."""
    current: list[str] = []
    skip = False
    for word in [*words, ";"]:
        if word == "||":
            current, skip = [], True
        elif word in _ENDS:
            if current and not skip:
                yield _without_redirections(current)
            current, skip = [], word in {"|", "|&"}
        else:
            current.append(word)


def _without_redirections(words: list[str]) -> list[str]:
    for index, word in enumerate(words):
        if word in {">", ">>", "<", ">&", "&>", "<<<"}:
            kept = words[:index]
            return kept[:-1] if kept and kept[-1] in {"1", "2"} else kept
    return words


def _assignments(words: list[str], known: dict[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the variables set before a command, and its words with variables filled in."""
    env: dict[str, str] = {}
    at = 0
    while at < len(words) and (words[at] in _SKIPPED or _ASSIGNED.search(words[at])):
        if found := _ASSIGNED.search(words[at]):
            value = filled(found.group(2), known)
            if UNKNOWN not in value:
                env[found.group(1)] = value
        at += 1
    rest = (filled(word, known) for word in words[at:])
    return env, tuple(word for word in rest if word not in ("", UNKNOWN))


def filled(word: str, known: dict[str, str]) -> str:
    """Return a word with its variables replaced: by what is known, by their default, else by nothing."""

    def value(found: re2._Match) -> str:
        name = found.group(1) or found.group(3) or ""
        return known.get(name, found.group(2) or "")

    return str(_VARIABLE.sub(value, word))


def _joined(cwd: str, folder: str) -> str:
    """Return the folder after `cd`, '' when it leads out or is not known."""
    if not cwd or UNKNOWN in folder or folder.startswith(("/", "~", "-")):
        return ""
    parts: list[str] = [] if cwd == "." else cwd.split("/")
    for part in folder.split("/"):
        if part == ".." and not parts:
            return ""
        if part == "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts) or "."
