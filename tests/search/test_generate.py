"""Which places the search changes at all."""

from __future__ import annotations

from bot.codebase import of
from bot.search import Problem
from bot.search.generate import candidates

CODE = '''"""About limits."""
import os

"""
Not a docstring, only text.
"""

LIMIT = 10
os.environ.setdefault("LIMIT", "3")


def fits(size):
    """Tell whether a size fits."""
    return size < LIMIT


class Box:
    """Has a size."""

    size = 4


if __name__ == "__main__":
    LIMIT = 11
'''


def changed(code: str) -> set[str]:
    problem = Problem(of({"limits.py": code}), ("test_limits.py::test",))
    found = candidates(problem, {("limits.py", 14): 1.0})
    lines = code.split("\n")
    return {lines[code.count("\n", 0, edit.start)].strip() for one in found for edit in one.edits}


def test_edits_start_from_functions_and_from_what_modules_and_classes_bind_or_call() -> None:
    assert changed(CODE) == {
        "return size < LIMIT",
        "LIMIT = 10",
        'os.environ.setdefault("LIMIT", "3")',
        "size = 4",
    }
