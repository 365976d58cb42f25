"""Write strings whose backslashes mean themselves as raw strings, or double the backslashes."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._sites import sites
from bot.strategies._text import Span, edit, offsets

_PREFIX = re2.compile(r"(?s)^([A-Za-z]*)('''|\"\"\"|'|\")(.*)$")
_VALID = frozenset("\n\\'\"abfnrtv01234567xNuU\r")


def _escapes(body: str) -> tuple[bool, bool]:
    """Return whether a string body has valid escapes, and whether it has invalid ones."""
    valid = invalid = False
    at = 0
    while at < len(body) - 1:
        if body[at] != "\\":
            at += 1
            continue
        valid, invalid = valid or body[at + 1] in _VALID, invalid or body[at + 1] not in _VALID
        at += 2
    return valid, invalid


def _doubled(body: str) -> str:
    out, at = [], 0
    while at < len(body):
        if body[at] == "\\" and at + 1 < len(body):
            out.append(body[at : at + 2] if body[at + 1] in _VALID else "\\" + body[at : at + 2])
            at += 2
        else:
            out.append(body[at])
            at += 1
    return "".join(out)


def _literal(token: str) -> str:
    found = _PREFIX.search(token)
    if not found:
        return token
    prefix, quote, body = found.groups()
    valid, invalid = _escapes(body.removesuffix(quote))
    if not invalid or "r" in prefix.lower():
        return token
    return f"{prefix}{quote}{_doubled(body)}" if valid else f"r{prefix}{quote}{body}"


def rewritten(text: str) -> str:
    """Return the text with every invalid escape made explicit; raises SyntaxError where it can't be tokenised."""
    changes: list[tuple[int, int, str]] = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.STRING and _literal(token.string) != token.string:
            (line, column), (end_line, end_column) = token.start, token.end
            starts = _byte_span(text, (line, column), (end_line, end_column))
            changes.append((*starts, _literal(token.string)))
    for start, end, new in reversed(changes):
        text = text[:start] + new + text[end:]
    return text


def _byte_span(text: str, start: tuple[int, int], end: tuple[int, int]) -> tuple[int, int]:
    """Return character offsets for positions of `tokenize`, whose columns count characters."""
    first, _ = offsets(text, Span(start[0], 0, start[0], 0))
    last, _ = offsets(text, Span(end[0], 0, end[0], 0))
    return first + start[1], last + end[1]


@strategy(causes=("test-failure", "error", "lint", "syntax-error", "import-error"), trust="auto", prior=0.9)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for all files that hold such strings, when an error complains about one."""
    found = sites(diagnosis, codebase)
    if not any("invalid escape sequence" in site.message or site.code == "W605" for site in found):
        return
    edits: list[FileEdit] = []
    for path in codebase.python_files:
        text = codebase.text(path)
        if "\\" in text and codebase.tree(path) is not None:
            edits += edit(path, text, rewritten(text))
    if edits:
        yield Proposal(
            strategy="invalid_escape",
            title=f"Make backslashes explicit in {edits[0].path}" + (" and others" if len(edits) > 1 else ""),
            edits=tuple(edits),
            confidence=0.95,
            why="Python will refuse escapes it does not know; the strings keep their exact value.",
        )
