"""Tests before and after, the suite, flaky tests: against real runs."""

from __future__ import annotations

import pytest

from bot.proof.outcomes import compare, listed, state_of
from tests.proof.ground import Case, seen

CODE = "def f(a, b):\n    return a < b\n"
GOOD = CODE.replace("<", "<=")
TEST = "from a import f\n\n\ndef test_x():\n    assert f(1, 1)\n"
FILES = {"a.py": CODE, "tests/test_a.py": TEST}


def test_outcomes_compare_test_by_test():
    before = {"a": "passed", "b": "failed", "c": "passed", "d": "passed", "m": "error", "n": "error", "s": "skipped"}
    after = {
        "a": "failed",
        "b": "passed",
        "d": "skipped",
        "m::t": "passed",
        "m::u": "failed",
        "new": "failed",
        "s": "skipped",
    }
    found = compare(before, after)
    assert found.broken == ("a", "new")
    assert found.vanished == ("c", "n")
    assert found.silenced == ("d",)
    assert found.healed == ("b",)
    assert found.still_failing == ("m::u",)
    assert not found.is_clean
    assert compare({"x": "passed"}, {"x": "passed"}).is_clean


@pytest.mark.parametrize(
    ("test", "state"),
    [("a", "passed"), ("m", "failed"), ("pkg.T", "passed"), ("gone", "not run"), ("p", "passed"), ("k", "skipped")],
)
def test_the_state_of_a_module_is_that_of_its_worst_test(test, state):
    outcomes = {
        "a": "passed",
        "m::t": "passed",
        "m::u": "failed",
        "pkg.T.x": "passed",
        "p[1]": "passed",
        "k::a": "skipped",
    }
    assert state_of(test, outcomes) == state


def test_names_are_listed_in_short():
    assert listed([]) == ""
    assert listed("abcdefg", most=2) == "a, b and 5 more"


def test_a_patch_that_exits_the_process_proves_nothing(tmp_path):
    exits = "import os\n\n\ndef f(a, b):\n    os._exit(0)\n"
    case = Case(tmp_path, FILES, [{"a.py": exits}])
    verdict = case.prove()
    assert not verdict.proven
    assert "forced_exit" in verdict.refusals[0]


LEAVES = "import a\n\n\ndef test_leaves():\n    a.SEEN.append(1)\n"
FINDS = "import a\n\n\ndef test_finds_nothing():\n    assert a.SEEN == []\n"


def test_a_flaky_test_is_told_apart(tmp_path):
    """It passed when the outcomes were known first; it fails whenever another test runs before it, alone it passes."""
    files = {**FILES, "tests/test_b.py": LEAVES, "tests/test_c.py": FINDS, "a.py": CODE + "\n\nSEEN = []\n"}
    known = {"tests/test_a.py::test_x": "failed", "tests/test_b.py::test_leaves": "passed"}
    known["tests/test_c.py::test_finds_nothing"] = "passed"
    patch = {"a.py": GOOD + "\n\nSEEN = []\n"}
    case = Case(tmp_path, files, [patch], info={"outcomes": known})
    verdict = case.prove()
    assert verdict.proven, verdict.refusals
    assert "flaky without the patch too: tests/test_c.py::test_finds_nothing" in seen(verdict)["whole suite"][1]
    assert verdict.evidence.facts["flaky"] == ["tests/test_c.py::test_finds_nothing"]


SPEED = """
import sys

def test_speed():
    assert not sys.gettrace() and not (hasattr(sys, "monitoring") and sys.monitoring.get_tool(4))
"""


def test_what_fails_only_while_coverage_is_measured_is_no_new_failure(tmp_path):
    known = {"tests/test_a.py::test_x": "failed", "tests/test_speed.py::test_speed": "passed"}
    case = Case(tmp_path, {**FILES, "tests/test_speed.py": SPEED}, [{"a.py": GOOD}], info={"outcomes": known})
    verdict = case.prove()
    assert verdict.proven, verdict.refusals
    assert "flaky" not in verdict.evidence.facts


def test_a_test_that_the_patch_makes_depend_on_others_is_not_flaky(tmp_path):
    """Alone it passes with the patch too, but without the patch it never fails."""
    files = {**FILES, "tests/test_c.py": FINDS, "a.py": CODE + "\n\nSEEN = []\n"}
    case = Case(tmp_path, files, [{"a.py": GOOD.replace("return", "SEEN.append(a)\n    return") + "\n\nSEEN = []\n"}])
    verdict = case.prove()
    assert not verdict.proven
    assert "1 new failure(s): tests/test_c.py::test_finds_nothing" in verdict.refusals[0]


def test_a_project_without_tests_says_what_was_not_checked(tmp_path):
    case = Case(tmp_path, FILES, [{"a.py": GOOD}], checks=(), failing=())
    verdict = case.prove()
    assert not verdict.proven
    assert "tests: the project has no test command" in verdict.evidence.not_checked


def test_a_test_that_vanishes_is_refused(tmp_path):
    """The patch makes a test module collect nothing, without touching it."""
    files = {
        **FILES,
        "tests/test_b.py": "from a import CASES\n\nfor name in CASES:\n    exec(f'def test_{name}(): pass')\n",
    }
    files["a.py"] = CODE + "\n\nCASES = ['one', 'two']\n"
    case = Case(tmp_path, files, [{"a.py": GOOD + "\n\nCASES = ['one']\n"}])
    verdict = case.prove()
    assert not verdict.proven
    assert "1 test(s) gone: tests/test_b.py::test_two" in verdict.refusals[0]


def test_known_outcomes_save_the_run_of_the_suite(tmp_path):
    known = {"tests/test_a.py::test_x": "failed"}
    case = Case(tmp_path, FILES, [{"a.py": GOOD}], info={"outcomes": known})
    verdict = case.prove()
    assert verdict.proven, verdict.refusals
    assert verdict.evidence.before[1].seconds == 0.0
    assert verdict.evidence.before[1].outcomes == known


def test_parameters_under_other_names_are_the_same_tests():
    before = {"t::f[a0-x]": "passed", "t::f[b1-y]": "passed", "t::f[c]": "failed", "t::g[1]": "passed"}
    after = {"t::f[a1-x]": "passed", "t::f[b0-y]": "passed", "t::f[c]": "failed", "t::g[1]": "passed"}
    assert compare(before, after).is_clean
    worse = {**after, "t::f[a1-x]": "skipped"}
    assert not compare(before, worse).is_clean
    fewer = {name: outcome for name, outcome in after.items() if name != "t::f[b0-y]"}
    assert not compare(before, fewer).is_clean


SHARED = """class Box:
    held = []

    def add(self, one):
        self.held.append(one)
        return len(self.held)
"""
OWN = SHARED.replace("    held = []\n", "    def __init__(self):\n        self.held = []\n")
UPSET = """from a import Box


def test_one():
    assert Box().add(1) == 1


def test_x():
    assert Box().add(1) == 1
"""


def test_a_test_that_fails_in_the_whole_suite_only_has_to_pass_in_it(tmp_path):
    known = {"tests/test_a.py::test_one": "passed", "tests/test_a.py::test_x": "failed"}
    files = {"a.py": SHARED, "tests/test_a.py": UPSET}
    verdict = Case(tmp_path / "own", files, [{"a.py": OWN}], info={"outcomes": known}).prove()
    assert verdict.proven, verdict.refusals
    assert seen(verdict)["fails before"][1] == "1 of 1 fail, 1 of them in the whole suite only, twice"
    other = {"a.py": SHARED.replace("return len", "return 0 + len")}
    verdict = Case(tmp_path / "other", files, [other], info={"outcomes": known}).prove()
    assert "1 of the failing tests still fail: tests/test_a.py::test_x" in verdict.refusals[0]
