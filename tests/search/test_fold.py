"""The simplest equal form of an edit."""

from __future__ import annotations

import pytest

from bot.search import Candidate, Edit
from bot.search.fold import folded


def edited(before: str, old: str, new: str) -> str:
    start = before.index(old)
    candidate = Candidate((Edit("m.py", start, start + len(old), new),), "number", 1.0, "f", 1)
    return folded(candidate, before).apply("m.py", before)


@pytest.mark.parametrize(
    ("before", "old", "new", "after"),
    [
        ("y = n - 1\n", "1", "0", "y = n\n"),
        ("y = (n - 1) * 2\n", "1", "0", "y = n * 2\n"),
        ("y = (a + b) * 2\n", "2", "1", "y = a + b\n"),
        ("y = x[n - 1 :]\n", "1", "0", "y = x[n :]\n"),
        ("y = n + 1\n", "1", "-1", "y = n - 1\n"),
        ("y = n - k\n", "k", "-1", "y = n + 1\n"),
        ("y = 1 + n\n", "1", "0", "y = n\n"),
        ("if a == b: pass\n", "a == b", "not a == b", "if a != b: pass\n"),
        ("if (a or b) in c: pass\n", "(a or b) in c", "not (a or b) in c", "if (a or b) not in c: pass\n"),
        ("y = -n\n", "n", "-n", "y = n\n"),
        ("for i in range(1, n): pass\n", "1", "0", "for i in range(n): pass\n"),
        ("for i in range(1, n - 1): pass\n", "1, n - 1", "0, n - 0", "for i in range(n): pass\n"),
    ],
)
def test_an_edit_is_written_in_its_simplest_form(before: str, old: str, new: str, after: str) -> None:
    assert edited(before, old, new) == after


@pytest.mark.parametrize(
    ("before", "old", "new"),
    [
        ("a = n - 0\ny = x + 2\n", "2", "3"),  # what the project wrote stays
        ("y = n * 2.0\n", "2.0", "1.0"),  # makes a float of an integer
        ("y = 1 - n\n", "1", "0"),
        ("y = n // 2\n", "2", "1"),  # floors
        ("y = n - 1\n", "n - 1", "n - ("),  # does not parse
        ("y = (n\n    - 1)\n", "1", "0"),
        ("y = n\n", "n", "n - 0"),  # nothing would be left of the edit
    ],
)
def test_other_edits_stay_as_they_are(before: str, old: str, new: str) -> None:
    assert edited(before, old, new) == before.replace(old, new)


def test_edits_of_several_files_or_of_other_files_stay_as_they_are() -> None:
    one, two = Edit("a.py", 4, 5, "n - 0"), Edit("b.py", 4, 5, "n - 0")
    several = Candidate((one, two), "number", 1.0, "f", 1)
    assert folded(several, "y = x\n") is several
    text = Candidate((Edit("a.txt", 4, 5, "n - 0"),), "number", 1.0, "f", 1)
    assert folded(text, "y = x\n") is text
