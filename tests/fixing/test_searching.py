"""A search through the real sandbox, and when it is not needed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bot.adapters.sandbox_trusted import Trusted
from bot.codebase import Codebase
from bot.errors import Declined
from bot.fixing.drafts import Bench, drafts
from bot.fixing.searching import confidence, search
from bot.fixing.settle import Overlay, look
from bot.model import Check, CodebaseInfo, FileEdit
from bot.policy import RepoPolicy
from bot.search import Candidate, Findings, Plausible
from tests import make
from tests.stages.test_fix import Quiet

WRONG = """def largest(values):
    best = values[0]
    for value in values:
        if value < best:
            best = value
    return best
"""
FAST = "[pytest]\naddopts = -p no:hypothesispytest -p no:pytest_cov -p no:timeout -p no:anyio\n"
RIGHT = WRONG.replace("<", ">")
TEST = """from a import largest


def test_largest():
    assert largest([3, 9, 4]) == 9


def test_one():
    assert largest([1]) == 1
"""
FAILING = ("test_a.py::test_largest",)


@pytest.fixture
def codebase(tmp_path: Path) -> Codebase:
    """Return a small project with one failing and one passing test."""
    (tmp_path / "a.py").write_text(WRONG)
    (tmp_path / "pytest.ini").write_text(FAST)
    (tmp_path / "test_a.py").write_text(TEST)
    check = Check(name="pytest", kind="test", tool="pytest", argv=("python", "-m", "pytest"), runner="pytest")
    info = CodebaseInfo(
        repository="o/n",
        checkout="",
        tree=str(tmp_path),
        digest="d",
        environment=sys.prefix,
        checks=(check,),
        outcomes={FAILING[0]: "failed", "test_a.py::test_one": "passed"},
    )
    return Codebase(info)


def bench(codebase: Codebase) -> Bench:
    """Return a bench with a minute."""
    return Bench(codebase, Trusted(), Quiet(), RepoPolicy(), 0, 60.0)


def test_the_search_finds_the_operator(codebase: Codebase) -> None:
    diagnosis = make.diagnosis(file="a.py", line=4, function="largest", failing_tests=FAILING)
    found = [one for one in drafts(["search"], diagnosis, bench(codebase)) if one.edits]
    assert (FileEdit(path="a.py", text=RIGHT),) in [one.edits for one in found]
    assert all(one.strategy == "search" and one.confidence > 0.3 for one in found)


def test_the_runner_up_is_shown_with_the_call_that_tells_it_apart(codebase: Codebase) -> None:
    (Path(codebase.info.tree) / "test_a.py").write_text(TEST.replace("[3, 9, 4]", "[3, 4, 9]"))
    diagnosis = make.diagnosis(file="a.py", line=4, function="largest", failing_tests=FAILING)
    found = next(one for one in drafts(["search"], diagnosis, bench(codebase)) if one.edits)
    assert found.runner_up.startswith("diff --git a/a.py b/a.py")
    assert found.told_apart_by.startswith("largest([")
    assert " with this patch and " in found.told_apart_by


def test_no_search_where_a_rule_already_helps(codebase: Codebase) -> None:
    (Path(codebase.info.tree) / "a.py").write_text(WRONG.replace("best = value\n", "best = valeu\n").replace("<", ">"))
    failure = make.failure(exception="NameError", message="name 'valeu' is not defined", file="a.py", line=5)
    diagnosis = make.diagnosis(file="a.py", line=5, failing_tests=FAILING, failures=(failure,))
    assert [one.strategy for one in drafts(["misspelt_name", "search"], diagnosis, bench(codebase))] == [
        "misspelt_name"
    ]


def test_a_test_that_does_not_fail_is_told(codebase: Codebase) -> None:
    diagnosis = make.diagnosis(file="a.py", failing_tests=("test_a.py::test_one",))
    (told,) = drafts(["search"], diagnosis, bench(codebase))
    assert (told.edits, told.why) == ((), "the failing tests do not fail in the sandbox")


def test_without_a_test_command_there_is_no_search(codebase: Codebase) -> None:
    bare = Codebase(codebase.info.model_copy(update={"checks": ()}))
    with pytest.raises(Declined, match="no test command"):
        search(make.diagnosis(failing_tests=FAILING), bare, Trusted(), Quiet(), (0, 60.0))
    assert look((), make.diagnosis(failing_tests=FAILING), bare, Trusted()) is None


def test_an_edit_that_leaves_the_tree_is_not_looked_at(codebase: Codebase) -> None:
    outside = (FileEdit(path="../x.py", text=""),)
    assert look(outside, make.diagnosis(failing_tests=FAILING), codebase, Trusted()) is None


def test_errors_behind_each_other_are_mended_together(codebase: Codebase) -> None:
    wrong = RIGHT.replace("best = value\n", "best = valeu\n").replace("return best", "return math.floor(bst)")
    (Path(codebase.info.tree) / "a.py").write_text(wrong)
    failure = make.failure(exception="NameError", message="name 'valeu' is not defined", file="a.py", line=5)
    diagnosis = make.diagnosis(file="a.py", line=5, failing_tests=FAILING, failures=(failure,))
    (made,) = drafts(["misspelt_name", "missing_import", "search"], diagnosis, bench(codebase))
    assert made.edits[0].text == "import math\n\n\n" + RIGHT.replace("return best", "return math.floor(best)")
    assert made.title == "Correct valeu to value in a.py; Import math in a.py; Correct bst to best in a.py"


def test_a_draft_that_helps_nothing_is_told(codebase: Codebase) -> None:
    failure = make.failure(exception="NameError", message="name 'valeu' is not defined", file="a.py", line=5)
    (Path(codebase.info.tree) / "a.py").write_text(WRONG.replace("best = value\n", "best = valeu\n"))
    diagnosis = make.diagnosis(file="a.py", line=5, failing_tests=FAILING, failures=(failure,))
    (told,) = drafts(["misspelt_name"], diagnosis, bench(codebase))
    assert (told.edits, told.why) == ((), "Correct valeu to value in a.py: the failing tests still fail with it")


def test_an_overlay_shows_the_edited_texts() -> None:
    over = Overlay({"a": "1", "b": "2"}, (FileEdit(path="a", text=None), FileEdit(path="c", text="3")))
    assert (dict(over), len(over)) == ({"b": "2", "c": "3"}, 2)


def test_rivals_rank_unlikeliness_and_abstention_lower_the_confidence() -> None:
    def found(*scores: float, operator: str = "number") -> Findings:
        edit = Candidate((), operator, 0.0, "f", 1)
        return Findings(tuple(Plausible(edit, {}, score, "", operator) for score in scores), 1)

    assert confidence(0, found(2)) == 0.85
    assert confidence(0, found(2)) > confidence(0, found(9)) > confidence(0, found(9, 9)) > confidence(1, found(9, 9))
    assert confidence(0, found(9, operator="insert_statement and test_literal")) < 0.6
    assert confidence(0, Findings((), 1, abstained=True)) == 0.3
