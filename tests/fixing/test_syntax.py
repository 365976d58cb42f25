"""Every kind of file is read as strictly as by the tool that reads it."""

import pytest

from bot.fixing.syntax import broken_by, problem


@pytest.mark.parametrize(
    ("path", "good", "bad"),
    [
        ("a.py", "x = '\\d'\n", "x = (\n"),
        ("a.pyi", "x: int\n", "def\n"),
        ("a.toml", "x = 1\n", "x = \n"),
        ("a.yml", "a: [1]\n---\nb: 2\n", "a: [1\n"),
        ("a.yaml", "a: 1\n", "a: 1\na: 2\n"),
        ("a.json", "{}", "{,}"),
        ("a.cfg", "[a]\nb = 1\n", "b = 1\n"),
        ("a.ini", "[a]\n", "[a\n"),
    ],
)
def test_each_kind(path: str, good: str, bad: str) -> None:
    assert problem(path, good) == ""
    assert problem(path, bad)
    assert broken_by(path, good, bad) == problem(path, bad)
    assert broken_by(path, None, bad)


def test_other_files_are_only_text() -> None:
    assert problem("README.md", "[") == ""


def test_a_file_that_never_parsed_is_not_held_against_the_edit() -> None:
    assert broken_by("template.py", "{{ x }} =\n", "{{ y }} =\n") == ""


def test_deleting_and_leaving_alone_break_nothing() -> None:
    assert broken_by("a.py", "x = 1\n", None) == ""
    assert broken_by("a.py", "x = (\n", "x = (\n") == ""


def test_null_bytes_are_a_reason() -> None:
    assert "null" in problem("a.py", "x = 1\0")
