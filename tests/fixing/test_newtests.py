"""New tests are kept when they last and when they notice."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bot.adapters.sandbox_trusted import Trusted
from bot.codebase import Codebase
from bot.fixing.drafts import judged
from bot.fixing.mutants import mutants
from bot.fixing.newtests import Judge, without
from bot.model import Check, CodebaseInfo, Draft, FileEdit
from tests import make

CODE = "def net(total, rate):\n    if total < 0:\n        raise ValueError(total)\n    return total - rate\n"
HEAD = "import time\n\nfrom a import net\n\n\n"
FAST = "[pytest]\naddopts = -p no:hypothesispytest -p no:pytest_cov -p no:timeout -p no:anyio\n"
GOOD = "def test_net():\n    assert net(3, 1) == 2\n"
FLAKY = "\n\ndef test_time():\n    assert net(time.time_ns() % 2, 0) == 0 and False\n"


@pytest.fixture
def codebase(tmp_path: Path) -> Codebase:
    """Return a project with one module and a test command."""
    (tmp_path / "a.py").write_text(CODE)
    (tmp_path / "pytest.ini").write_text(FAST)
    check = Check(name="pytest", kind="test", tool="pytest", argv=("python", "-m", "pytest"), runner="pytest")
    info = CodebaseInfo(
        repository="o/n", checkout="", tree=str(tmp_path), digest="d", environment=sys.prefix, checks=(check,)
    )
    return Codebase(info)


def draft(text: str) -> Draft:
    """Return a draft of one new test file."""
    edits = (FileEdit(path="test_new.py", text=text),)
    return Draft(
        strategy="recorded_tests", trust="glance", kind="test", title="t", why="w", edits=edits, confidence=0.8
    )


def kept(text: str, codebase: Codebase) -> Draft:
    """Return what becomes of a test file."""
    diagnosis = make.diagnosis(type="coverage", file="a.py", function="net")
    (one,) = judged([draft(text)], diagnosis, Judge(codebase, Trusted(), times=2))
    return one


def test_lasting_tests_stay_and_the_others_go(codebase: Codebase) -> None:
    assert kept(HEAD + GOOD + FLAKY, codebase).edits == (FileEdit(path="test_new.py", text=HEAD + GOOD),)


def test_tests_that_notice_nothing_are_refused(codebase: Codebase) -> None:
    one = kept(HEAD + "def test_net():\n    assert net\n", codebase)
    assert (one.edits, one.why) == ((), "no broken variant of net fails the tests of test_new.py")


def test_tests_that_never_pass_are_refused(codebase: Codebase) -> None:
    assert "passes 2 times" in kept(HEAD + "def test_net():\n    assert net(3, 1) == 4\n", codebase).why


def test_without_a_way_to_run_them_tests_stay_as_they_are(codebase: Codebase) -> None:
    bare = Codebase(codebase.info.model_copy(update={"environment": ""}))
    assert kept("x = 1\n", bare).edits
    assert Judge(Codebase(codebase.info.model_copy(update={"checks": ()})), Trusted()).run(draft("").edits[0]) is None


def test_each_test_has_to_notice_something_itself(codebase: Codebase) -> None:
    quiet = "\n\ndef test_is_there():\n    assert net\n"
    assert kept(HEAD + GOOD + quiet, codebase).edits == (FileEdit(path="test_new.py", text=HEAD + GOOD),)


def test_tests_that_a_file_held_already_stay(codebase: Codebase) -> None:
    old = HEAD + "def test_fails():\n    assert not net\n"
    (Path(codebase.info.tree) / "test_new.py").write_text(old)
    assert kept(old + "\n\n" + GOOD, codebase).edits == (FileEdit(path="test_new.py", text=old + "\n\n" + GOOD),)
    assert "passes 2 times" in kept(old, codebase).why


def test_mutants_break_one_place_each() -> None:
    found = list(mutants(CODE, "net"))
    assert [text.count("None") for text in found] == [0, 0, 1, 0]
    assert list(mutants(CODE, "other")) == [] == list(mutants(CODE, "net.inner"))
    assert len(list(mutants("class A:\n    def f(self, x):\n        return x in [1]\n", "A.f"))) == 3
    assert list(mutants("class A:\n    pass\n", "A")) == []


def test_functions_are_taken_out_with_their_lines() -> None:
    assert without(HEAD + GOOD + FLAKY, {"test_net"}) == HEAD + FLAKY.lstrip("\n")
    marked = "@mark\n" + GOOD + "\n\nclass TestNet:\n    def test_a(self):\n        pass\n"
    assert without(HEAD + marked, {"test_net"}).endswith(
        "net\n\n\nclass TestNet:\n    def test_a(self):\n        pass\n"
    )
    assert without(HEAD + GOOD + "\n\nclass TestNet:\n    def test_a(self):\n        pass\n", {"test_a"}) == HEAD + GOOD


def test_of_a_file_with_older_tests_only_new_ones_have_to_tell_the_fix(codebase: Codebase) -> None:
    old = HEAD + "def test_old():\n    assert net(3, 1) == 2\n"
    (Path(codebase.info.tree) / "test_new.py").write_text(old)
    fix = FileEdit(path="a.py", text=CODE.replace("total - rate", "total - 2 * rate"))
    telling = "\n\ndef test_fixed():\n    assert net(3, 1) == 1\n"
    quiet = "\n\ndef test_there():\n    assert net(3, 0) == 3\n"
    test = FileEdit(path="test_new.py", text=old + telling + quiet)
    judge = Judge(codebase, Trusted(), (fix,))
    assert judge.telling(test) == FileEdit(path="test_new.py", text=old + telling)
    assert judge.telling(FileEdit(path="test_new.py", text=old + quiet)) is None
