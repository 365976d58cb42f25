"""What makes a patch look odd."""

from __future__ import annotations

import pytest

from bot.codebase import of
from bot.search import Candidate, Edit, Problem
from bot.search.oddities import oddity

CODE = "def best(a, b):\n    return max(twice(a), b) - 1\n\n\ndef twice(a):\n    return a * 2 if a >= 0 else 0\n"
PROBLEM = Problem(of({"m.py": CODE, "notes.txt": CODE}), ("test_m.py::test",))


@pytest.mark.parametrize(
    ("old", "new", "cost"),
    [
        ("twice(a), b", "a, b", 2.0),
        ("twice(a), b", "twice(b), b", 2.0),
        ("twice(a), b", "twice(a), twice(a)", 5.0),
        ("(twice(a), b) - 1", "(twice(a), b) - max(twice(a), b)", 3.0),
        ("a >= 0", "a >= a", 3.0),
        ("a >= 0", "a and a", 3.0),
        ("a * 2 if a >= 0 else 0", "0 if a >= 0 else 0", 3.0),
        ("a * 2", "a * a", 0.0),
        ("twice(a), b", "twice(a), 2", 2.0),
        ("twice(a), b", "twice(a), a", 2.0),
        ("twice(a), b", "twice(a), a.size", 0.0),
    ],
)
def test_work_dropped_and_the_same_thing_twice_cost_something(old: str, new: str, cost: float) -> None:
    start = CODE.index(old)
    for file, wanted in (("m.py", cost), ("notes.txt", 0.0)):
        assert oddity(PROBLEM, Candidate((Edit(file, start, start + len(old), new),), "x", 1.0, "f", 1)) == wanted
