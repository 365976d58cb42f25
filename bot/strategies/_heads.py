"""Where the head of a function ends in its source."""

from __future__ import annotations

import ast
import io
import tokenize

from bot.strategies._text import Span, offsets, span_of

Function = ast.FunctionDef | ast.AsyncFunctionDef


def head_end(text: str, function: Function) -> int:
    """Return the offset of the colon that ends a function's head; raises ValueError when there is none."""
    start, _ = offsets(text, span_of(function))
    segment = text[start:]
    depth, lines = 0, segment.split("\n")
    for token in tokenize.generate_tokens(io.StringIO(segment).readline):
        if token.type != tokenize.OP:
            continue
        depth += (token.string in "([{") - (token.string in ")]}")
        if token.string == ":" and depth == 0:
            row, column = token.start
            return start + sum(len(line) + 1 for line in lines[: row - 1]) + column
    raise ValueError("the function has no end of head")


def closing(text: str, function: Function) -> Span | None:
    """Return the empty span before the parenthesis that closes a function's parameters, None for longer heads."""
    head = text[offsets(text, span_of(function))[0] : head_end(text, function)]
    if function.returns is not None or "\n" in head or not head.rstrip().endswith(")"):
        return None
    before = head.rstrip().removesuffix(")").rstrip().rstrip(",")
    column = function.col_offset + len(before.encode())
    return Span(function.lineno, column, function.lineno, column)
