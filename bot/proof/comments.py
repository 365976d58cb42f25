"""The comments of a Python text, read by the tokenizer, so that a string never counts as one."""

from __future__ import annotations

import io
import tokenize
from dataclasses import dataclass


@dataclass(frozen=True)
class Comment:
    """One comment with its line and its text, `#` included."""

    line: int
    text: str


def comments(text: str) -> tuple[Comment, ...]:
    """Return the comments of a Python text in order, up to the place where it can't be tokenized."""
    found: list[Comment] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                found.append(Comment(token.start[0], token.string))
    except (tokenize.TokenError, SyntaxError, ValueError):
        return tuple(found)
    return tuple(found)
