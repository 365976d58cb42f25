"""Put statements into functions: at the head of a body, in front of a statement, with the body's own indentation."""

from __future__ import annotations

import ast

from bot.codebase.changes import split_lines
from bot.strategies._text import indent_of, newline_of

Function = ast.FunctionDef | ast.AsyncFunctionDef


def has_docstring(function: Function | ast.ClassDef) -> bool:
    """Return whether a body begins with a docstring."""
    first = function.body[0]
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)


def indentation(text: str, function: Function | ast.ClassDef) -> str:
    """Return the indentation of a body; raises ValueError when it stands on the line of its head."""
    first = function.body[0]
    if first.lineno == function.lineno:
        raise ValueError("the body stands on the line of its head")
    return indent_of(split_lines(text)[first.lineno - 1])


def at_head(text: str, function: Function, statements: list[str]) -> str:
    """Return the text with statements (unindented lines) in front of a function's body, behind its docstring."""
    indent, end = indentation(text, function), newline_of(text)
    lines = split_lines(text)
    documented = has_docstring(function)
    at = (function.body[0].end_lineno or 0) if documented else first_line(function.body[0]) - 1
    if at == len(lines) and lines and not lines[-1].endswith("\n"):
        lines[-1] += end
    new = [(indent + statement if statement else "") + end for statement in statements]
    return "".join([*lines[:at], *new, *lines[at:]])


def first_line(statement: ast.stmt) -> int:
    """Return the first line of a statement, its decorators included."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return min([statement.lineno, *(decorator.lineno for decorator in statement.decorator_list)])
    return statement.lineno


def before(text: str, statement: ast.stmt, statements: list[str]) -> str:
    """Return the text with statements (unindented lines) in front of another statement."""
    lines, end = split_lines(text), newline_of(text)
    at = first_line(statement) - 1
    indent = indent_of(lines[at])
    return "".join([*lines[:at], *[indent + line + end for line in statements], *lines[at:]])
