"""Rename, replace and drop keyword arguments in source text."""

from __future__ import annotations

import ast

from bot.strategies._text import Span, replace, source, span_of


def rename_keyword(text: str, word: ast.keyword, becomes: str) -> str:
    """Return `text` with a keyword argument under another name, or replaced when `becomes` holds a `name=value`."""
    whole = span_of(word)
    new = becomes if "=" in becomes else f"{becomes}={source(text, word.value)}"
    return replace(text, [(whole, new)])


def drop(text: str, call: ast.Call, word: ast.keyword) -> str:
    """Return `text` without one keyword argument of a call, its comma included."""
    everything: list[ast.expr | ast.keyword] = sorted(
        [*call.args, *call.keywords], key=lambda node: (node.lineno, node.col_offset)
    )
    at, here = everything.index(word), span_of(word)
    if at + 1 < len(everything):
        after = span_of(everything[at + 1])
        return replace(text, [(Span(here.line, here.column, after.line, after.column), "")])
    if at:
        before = span_of(everything[at - 1])
        return replace(text, [(Span(before.end_line, before.end_column, here.end_line, here.end_column), "")])
    return replace(text, [(here, "")])
