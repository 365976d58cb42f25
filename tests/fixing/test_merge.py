"""Merging edits made apart: both changes or nothing."""

import pytest

from bot.fixing.merge import merge_edits, merge_text
from bot.model import FileEdit

BASE = "a\nb\nc\nd\n"


@pytest.mark.parametrize(
    ("first", "second", "wanted"),
    [
        ("A\nb\nc\nd\n", "a\nb\nc\nD\n", "A\nb\nc\nD\n"),
        ("a\nb\nc\nd\nnew\n", "a\nc\nd\n", "a\nc\nd\nnew\n"),
        (BASE, "x\n", "x\n"),
        ("x\n", BASE, "x\n"),
        ("x\n", "x\n", "x\n"),
        ("A\nb\nc\nd\n", "B\nb\nc\nd\n", None),
        ("one\na\nb\nc\nd\n", "two\na\nb\nc\nd\n", None),
        ("A\nb\nc\nD\n", "A\nb\nC\nd\n", "A\nb\nC\nD\n"),
        ("A\nb\nc\nd\n", "A\nb\nC\nd\n", "A\nb\nC\nd\n"),
    ],
)
def test_both_changes_or_none(first: str, second: str, wanted: str | None) -> None:
    assert merge_text(BASE, first, second) == wanted


def test_a_file_made_twice_differently_is_a_contradiction() -> None:
    assert merge_text("", "x = 1\n", "x = 2\n") is None
    assert merge_text("", "x = 1\n", "") == "x = 1\n"


def edits(**texts: str | None) -> tuple[FileEdit, ...]:
    return tuple(FileEdit(path=f"{name}.py", text=text) for name, text in texts.items())


def test_edits_of_different_files_stand_side_by_side() -> None:
    assert merge_edits({}, edits(a="1\n"), edits(b="2\n")) == edits(a="1\n", b="2\n")


def test_edits_of_one_file_are_merged() -> None:
    merged = merge_edits({"a.py": BASE}, edits(a="A\nb\nc\nd\n"), edits(a="a\nb\nc\nD\n"))
    assert merged == edits(a="A\nb\nc\nD\n")


def test_contradictions_give_nothing() -> None:
    assert merge_edits({"a.py": BASE}, edits(a=None), edits(a="x\n")) is None
    assert merge_edits({"a.py": BASE}, edits(a="y\nb\nc\nd\n"), edits(a="x\nb\nc\nd\n")) is None


def test_deleting_twice_is_deleting() -> None:
    assert merge_edits({"a.py": BASE}, edits(a=None), edits(a=None, b="1\n")) == edits(a=None, b="1\n")
