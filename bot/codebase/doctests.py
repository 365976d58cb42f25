"""Examples that are run as tests (doctest): which statement failed, and which before it lead to its values."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import re2

from bot.codebase.repository import Codebase
from bot.codebase.symbols import Symbol

_PROMPT = re2.compile(r"^[ \t]*>>>(?: |$)")
_GOES_ON = re2.compile(r"^[ \t]*\.\.\.(?: |$)")


def documented_function(codebase: Codebase, test: str) -> Symbol | None:
    """Return the function whose docstring a test id of pytest names (`shop.py::shop.pay`), None when there is none."""
    path, _, dotted = test.partition("::")
    module = codebase.module_name(path)
    for name in (dotted.removeprefix(f"{module}."), dotted.removeprefix(f"{module.rpartition('.')[2]}.")):
        found = next((one for one in codebase.symbols(path) if one.qualname == name), None)
        if found is not None:
            return found
    return None


def statements(text: str, last: int) -> tuple[ast.stmt, ...]:
    """Return the statements of the examples of a text up to the one at a line, in order; what is no Python is left out.

    Line numbers count within each example only.
    """
    return tuple(node for source in _sources(text.split("\n")[:last]) for node in _parsed(source))


def _sources(lines: list[str]) -> Iterator[str]:
    held: list[str] = []
    for line in lines:
        if _PROMPT.search(line) or (held and _GOES_ON.search(line)):
            if held and _PROMPT.search(line):
                yield "\n".join(held)
                held = []
            held.append(line.lstrip()[4:])
        elif held:
            yield "\n".join(held)
            held = []
    if held:
        yield "\n".join(held)


def _parsed(source: str) -> list[ast.stmt]:
    try:
        return ast.parse(source).body
    except (SyntaxError, ValueError):
        return []
