"""The diff is right when git itself takes it: every example goes through the real `git apply`."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.codebase import changed_lines, diff, hunks
from bot.codebase.texts import encode

TEXT = st.one_of(
    st.none(), st.lists(st.sampled_from(["a\n", "b\n", "c\r\n", "\n", "é x\n", "-- d\n", "end"])).map("".join)
)


def apply(folder: Path, before: dict[str, str | None], patch: str) -> dict[str, str]:
    folder.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    for path, text in before.items():
        if text is not None:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(encode(text))
    if patch:
        subprocess.run(["git", "-C", str(folder), "apply", "-p1", "-"], input=encode(patch), check=True)
    files = (path for path in folder.rglob("*") if path.is_file() and ".git" not in path.relative_to(folder).parts)
    return {str(path.relative_to(folder)): path.read_bytes().decode("utf-8", "surrogateescape") for path in files}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"a.py": "x\n"}, {"a.py": "y\n"}),
        ({"a.py": "x"}, {"a.py": "x\n"}),
        ({"a.py": "x\r\ny\r\n"}, {"a.py": "x\r\nz\r\n"}),
        ({}, {"new/deep/a.py": "x\n"}),
        ({"gone.py": "x\ny"}, {"gone.py": None}),
        ({}, {"empty.py": ""}),
        ({"empty.py": ""}, {}),
        ({"empty.py": ""}, {"empty.py": "x\n"}),
        ({"full.py": "x\n"}, {"full.py": ""}),
        ({"with blank.py": "x\n"}, {"with blank.py": "y\n"}),
        ({"späce é.py": "x\n"}, {"späce é.py": "y\n"}),
        ({'quo"te\t.py': "x\n"}, {'quo"te\t.py': "y\n"}),
        ({"latin.py": "\udce9\n"}, {"latin.py": "\udce9x\n"}),
        ({"a": "x\n" * 50, "b": "same\n"}, {"a": "y\n" + "x\n" * 48 + "z\n", "b": "same\n"}),
        ({"form\x0cfeed": "a\x0cb\u2028c\n"}, {"form\x0cfeed": "a\x0cb\u2028d\n"}),
    ],
)
def test_git_applies_the_diff(before: dict, after: dict, tmp_path: Path) -> None:
    wanted = {path: text for path, text in after.items() if text is not None}
    assert apply(tmp_path / "r", before, diff(before, after)) == wanted


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(both=st.dictionaries(st.sampled_from(["a", "b c", "d/é"]), st.tuples(TEXT, TEXT), min_size=1))
def test_git_applies_any_diff(both: dict, tmp_path_factory: pytest.TempPathFactory) -> None:
    before = {path: pair[0] for path, pair in both.items()}
    after = {path: pair[1] for path, pair in both.items()}
    folder = tmp_path_factory.mktemp("apply") / "r"
    assert apply(folder, before, diff(before, after)) == {p: t for p, t in after.items() if t is not None}


def test_equal_files_have_no_diff() -> None:
    assert diff({"a": "x"}, {"a": "x"}) == ""
    assert hunks("a\nb\n", "a\nb\n") == ()


def test_changed_lines_are_those_of_the_new_text() -> None:
    assert changed_lines("a\nb\nc\n", "a\nB\nc\nd\n") == (2, 4)
    assert changed_lines(None, "a\nb") == (1, 2)
    assert changed_lines("a\nb\nc\n", "a\nc\n") == (1, 2)
    assert changed_lines("a\n", "") == ()


def test_hunks_tell_both_sides() -> None:
    (first,) = hunks("a\nb\n", "a\nx\ny\n")
    assert (first.before_line, first.before, first.after_line, first.after) == (2, ("b\n",), 2, ("x\n", "y\n"))
    (added,) = hunks("a\nb\n", "a\nn\nb\n")
    assert (added.before_line, added.before, added.after_line) == (1, (), 2)


def test_a_large_file_with_one_edit_is_quick() -> None:
    lines = [f"line {number % 7}\n" for number in range(200_000)]
    before = "".join(lines)
    lines[100_000] = "changed\n"
    assert changed_lines(before, "".join(lines)) == (100_001,)
