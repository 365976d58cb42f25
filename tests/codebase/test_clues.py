import ast

import pytest

from bot.codebase import clues, of
from bot.model import Frame

TEST = """import box

class TestBox:
    def test_join(self):
        first = box.make(1)
        other = box.unused(2)
        second = box.other(first)
        first.fill(3)
        if first:
            assert len(first | second) == 3 and first[0] != -1

def test_plain():
    box.make(1)
    box.late()
"""
FILES = {"tests/test_box.py": TEST, "box.py": "x = 1\n"}


@pytest.mark.parametrize(
    ("test", "name"),
    [
        ("tests/test_box.py::TestBox::test_join", "TestBox.test_join"),
        ("tests/test_box.py::TestBox::test_join[a::b-1]", "TestBox.test_join"),
        ("tests.test_box.TestBox.test_join", "TestBox.test_join"),
        ("tests.test_box.test_plain", "test_plain"),
        ("tests/test_box.py::test_gone", None),
        ("other.test_box.test_plain", None),
        ("test_plain", None),
    ],
)
def test_the_function_of_a_test(test: str, name: str | None) -> None:
    found = clues.test_function(of(FILES), test)
    assert (found.qualname if found else None) == name


def test_the_statement_that_failed_points_at_what_it_calls() -> None:
    frames = [Frame(file="tests/test_box.py", line=10)]
    said = clues.mentioned(of(FILES), ["tests/test_box.py::TestBox::test_join"], frames)
    weights = {name: said.get(name) for name in ("__or__", "__ror__", "__len__", "__getitem__", "__ne__", "__neg__")}
    assert set(weights.values()) == {1.0}
    assert (said["fill"], said["make"], said["other"], said["unused"]) == (0.7, 0.7, 0.7, 0.35)


def test_without_a_line_all_statements_count_a_little() -> None:
    said = clues.mentioned(of(FILES), ["tests/test_box.py::test_plain", "unknown"], [])
    assert said["make"] == said["late"] == 0.35


def test_what_comes_after_the_failing_line_does_not_count() -> None:
    said = clues.mentioned(of(FILES), ["tests/test_box.py::test_plain"], [Frame(file="tests/test_box.py", line=13)])
    assert "late" not in said


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        ("a |= b", {"__ior__", "__or__"}),
        ("a[0] = -b", {"__setitem__", "__neg__"}),
        ("list(a)", {"__iter__"}),
        ("not (a in b)", {"__contains__", "__bool__"}),
        ("a @ b", set()),
        ("a is b", set()),
    ],
)
def test_operators_stand_for_methods(statement: str, names: set[str]) -> None:
    assert names <= set(clues._names(ast.parse(statement)))


def test_names_that_tests_carry() -> None:
    codebase = of({"a.py": "def human_readable_list(x): pass\ndef other(): pass\ndef x(): pass\n"})
    long, other, short = codebase.symbols("a.py")
    words = clues.words_of(["tests/a.py::TestHumanList::test_readable[x]"])
    assert clues.named_after(long, words) == 1.0
    assert clues.named_after(long, clues.words_of(["pkg.TestA.test_list"])) == pytest.approx(1 / 3)
    assert clues.named_after(other, clues.words_of(["t.py::test_a"])) == 0
    assert clues.named_after(short, clues.words_of(["t.py::test_a"])) == 0


def test_what_a_message_names() -> None:
    assert clues.quoted("'Box' object has no attribute 'lid'; fill() takes 2 arguments") == {"Box", "lid", "fill"}


def test_classes_that_are_exceptions() -> None:
    tree = of({"a.py": "class Base(ValueError): pass\nclass Odd(Base): pass\nclass Box(dict): pass\n"}).tree("a.py")
    assert clues.exception_classes(tree) == {"Base", "Odd"}
    assert clues.exception_classes(None) == frozenset()
