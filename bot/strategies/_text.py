"""Edits of source text by the positions that `ast` gives, everything else left byte for byte."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from bot.codebase.changes import split_lines
from bot.model import FileEdit


@dataclass(frozen=True)
class Span:
    """A stretch of text: lines count from 1, columns are UTF-8 bytes from 0, the end is exclusive (as in `ast`)."""

    line: int
    column: int
    end_line: int
    end_column: int


def span_of(node: ast.AST) -> Span:
    """Return where a node stands; raises AttributeError for a node without a position."""
    located: ast.expr = node  # type: ignore[assignment]  # ast.AST has no common base for located nodes
    return Span(
        located.lineno,
        located.col_offset,
        located.end_lineno or located.lineno,
        located.end_col_offset if located.end_col_offset is not None else located.col_offset,
    )


def _offset(starts: list[int], lines: list[str], line: int, column: int) -> int:
    if line > len(lines):
        return starts[-1]
    text = lines[line - 1]
    return starts[line - 1] + (column if text.isascii() else len(text.encode()[:column].decode(errors="replace")))


def offsets(text: str, span: Span) -> tuple[int, int]:
    """Return start and end of a span as character offsets."""
    lines, starts = split_lines(text), [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    return (
        _offset(starts, lines, span.line, span.column),
        _offset(starts, lines, span.end_line, span.end_column),
    )


def replace(text: str, changes: Iterable[tuple[Span | ast.AST, str]]) -> str:
    """Return `text` with every span (or node) replaced by its new text; the spans must not overlap."""
    placed = []
    for where, new in changes:
        span = where if isinstance(where, Span) else span_of(where)
        placed.append((*offsets(text, span), new))
    for start, end, new in sorted(placed, key=lambda item: item[:2], reverse=True):
        text = text[:start] + new + text[end:]
    return text


def source(text: str, node: ast.AST) -> str:
    """Return the text of a node exactly as it is written."""
    start, end = offsets(text, span_of(node))
    return text[start:end]


def attribute_span(node: ast.Attribute) -> Span:
    """Return where an attribute's own name stands, behind its dot."""
    line, end = node.end_lineno or node.lineno, node.end_col_offset or 0
    return Span(line, end - len(node.attr.encode()), line, end)


def indent_of(line: str) -> str:
    """Return the white space that a line starts with."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def edit(path: str, before: str, after: str) -> tuple[FileEdit, ...]:
    """Return the edit of one file, or none when nothing changed."""
    return (FileEdit(path=path, text=after),) if after != before else ()


def newline_of(text: str) -> str:
    """Return the line end that a text uses: a carriage return before the line feed or not."""
    return "\r\n" if "\r\n" in text else "\n"
