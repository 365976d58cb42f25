"""Where the head of a function ends in its source."""

from __future__ import annotations

import ast
import io
import tokenize

from bot.strategies._text import offsets, span_of

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
