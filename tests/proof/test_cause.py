"""A proof shows the cause: by tests that fail before, by added tests, by the command, or not at all."""

from __future__ import annotations

import pytest

from bot.codebase.spectrum import Spectrum
from bot.model import Trials
from bot.proof.added import mutants, prove_added
from bot.proof.cause import bare, prove_same_code
from bot.proof.testing import near_tests, prove_tests
from tests.proof.ground import Case, record, seen

CODE = "def f(a, b):\n    return a < b\n"
GOOD = CODE.replace("<", "<=")
TEST = "from a import f\n\n\ndef test_x():\n    assert f(1, 2)\n"
NEW = "from a import f\n\n\ndef test_equal():\n    assert f(1, 1)\n"
FILES = {"a.py": CODE, "tests/test_a.py": TEST}
STATE = {"type": "state", "details": {}, "file": "a.py", "line": 2}
KNOWN = {"outcomes": {"tests/test_a.py::test_x": "passed"}}


def test_an_added_test_that_fails_without_the_fix_shows_the_cause(tmp_path):
    offered = [{"a.py": GOOD}, {"a.py": GOOD, "tests/test_new.py": NEW}]
    case = Case(tmp_path, FILES, offered, failing=(), diagnosis=STATE, info=KNOWN)
    verdict = case.prove()
    assert verdict.proven, verdict.refusals
    assert verdict.patch.id == "p1"
    assert "cause shown" in verdict.refusals[0]
    assert seen(verdict)["added tests"][1] == "1 of 1 fail without the fix: tests/test_new.py::test_equal"


def test_added_tests_must_notice_wrong_code(tmp_path):
    blind = NEW.replace("f(1, 1)", "f is not None")
    offered = [{"tests/test_new.py": blind}, {"tests/test_new.py": NEW}]
    coverage = {**STATE, "type": "coverage"}
    case = Case(tmp_path, {**FILES, "a.py": GOOD}, offered, failing=(), diagnosis=coverage)
    added = ("tests/test_new.py::test_equal",)
    assert not record(prove_added(case.trial(0), case.ground(), added), "added tests")[0]
    assert record(prove_added(case.trial(1), case.ground(), added), "added tests")[0]
    assert prove_added(case.trial(0), case.ground(), ()).records == ()
    nothing = Case(tmp_path / "b", {"a.txt": "", **FILES}, offered, diagnosis={**coverage, "file": "a.txt"})
    assert prove_added(nothing.trial(0), nothing.ground(), added).not_checked


@pytest.mark.parametrize(
    ("text", "line", "count"),
    [(CODE, 2, 2), ("def f(): return 1\n", 1, 0), ("def f(:\n", 1, 0), (CODE + "\n\ndef g():\n    print(1)\n", 99, 3)],
)
def test_code_made_wrong_still_parses(text, line, count):
    found = mutants(text, line)
    assert len(found) == count
    for mutant in found:
        compile(mutant, "mutant", "exec")
        assert mutant != text


def test_a_cause_of_the_whole_command(tmp_path):
    files = {"a.py": CODE, "tests/__init__.py": "", "tests/conftest.py": "import nothing_of_the_kind\n", **FILES}
    cause = {"details": {"class": "crash", "tool": "pytest"}}
    case = Case(tmp_path, files, [{"tests/conftest.py": "X = 1\n"}], failing=(), diagnosis=cause)
    found = prove_tests(case.trial(), case.ground())
    assert record(found, "command")[0], found
    case.cause = case.cause.model_copy(update={"details": {"class": "timeout"}})
    same = Case(tmp_path / "b", FILES, [{"a.py": GOOD}], failing=(), diagnosis=cause)
    assert not record(prove_tests(same.trial(), same.ground()), "command")[0]


def test_the_tests_of_the_changed_lines_come_first_in_a_large_suite(tmp_path):
    many = "\n".join(f"def test_{n}():\n    assert True\n" for n in range(110))
    files = {**FILES, "tests/test_a.py": TEST + NEW.partition("\n\n\n")[2], "tests/test_many.py": many}
    outcomes = {f"tests/test_many.py::test_{n}": "passed" for n in range(110)} | {"tests/test_a.py::test_x": "passed"}
    outcomes["tests/test_a.py::test_equal"] = "failed"
    covered = Spectrum({"tests/test_a.py::test_x": {"a.py": (2,)}}, outcomes)
    covered.save(tmp_path / "spectrum.json")
    info = {"spectrum": str(tmp_path / "spectrum.json"), "outcomes": outcomes}
    wrong = CODE.replace("a < b", "a == b")
    case = Case(tmp_path, files, [{"a.py": wrong}, {"a.py": GOOD}], failing=("tests/test_a.py::test_equal",), info=info)
    assert near_tests(case.trial(), case.ground()) == ("tests/test_a.py::test_x",)
    refused = prove_tests(case.trial(), case.ground())
    assert not record(refused, "tests of the changed lines")[0]
    assert [each.name for each in prove_tests(case.trial(1), case.ground()).records][-1] == "whole suite"


def test_a_test_near_the_change_that_needs_others_before_it_is_judged_in_the_whole_suite(tmp_path):
    many = "\n".join(f"def test_{n}():\n    assert True\n" for n in range(110))
    first = "import sys\n\ndef test_first():\n    sys.first = True\n"
    needy = "import sys\nfrom a import f\n\ndef test_needy():\n    assert sys.first and f(1, 2)\n"
    files = {"a.py": CODE, "tests/test_a0.py": first, "tests/test_b.py": needy, "tests/test_many.py": many}
    files["tests/test_c.py"] = NEW
    near = "tests/test_b.py::test_needy"
    outcomes = {f"tests/test_many.py::test_{n}": "passed" for n in range(110)} | {near: "passed"}
    outcomes |= {"tests/test_a0.py::test_first": "passed", "tests/test_c.py::test_equal": "failed"}
    Spectrum({near: {"a.py": (2,)}}, outcomes).save(tmp_path / "spectrum.json")
    info = {"spectrum": str(tmp_path / "spectrum.json"), "outcomes": outcomes}
    case = Case(tmp_path, files, [{"a.py": GOOD}], failing=("tests/test_c.py::test_equal",), info=info)
    found = prove_tests(case.trial(), case.ground())
    assert record(found, "whole suite")[0], found.records


def test_a_documentation_fix_changes_no_code(tmp_path):
    files = {"a.py": 'def f(a):\n    """Old."""\n    return a\n'}
    offered = [{"a.py": files["a.py"].replace("Old", "New")}, {"a.py": files["a.py"].replace("return a", "return 1")}]
    case = Case(tmp_path, files, offered, diagnosis={"type": "documentation", "details": {}})
    assert record(prove_same_code(case.trial(0), case.ground()), "same code")[0]
    assert not record(prove_same_code(case.trial(1), case.ground()), "same code")[0]
    assert bare("def f(:\n") == ""


def test_a_workflow_is_offered_and_not_proven(tmp_path):
    flow = ".github/workflows/ci.yml"
    files = {**FILES, flow: "on: push\njobs:\n  test:\n    runs-on: ubuntu-18.04\n    steps: [{run: pytest}]\n"}
    offered = [{flow: files[flow].replace("18.04", "24.04")}]
    cause = {"details": {"class": "actions-config"}}
    case = Case(tmp_path, files, offered, failing=(), diagnosis=cause, patch={"touches": "workflows"})
    verdict = case.prove()
    assert not verdict.proven
    assert verdict.patch.id == "p0"
    assert "only the forge can run a workflow" in verdict.refusals[0]
    assert [start.event for start in case.completed.starts] == ["deploy.requested"]
    assert isinstance(case.trials, Trials)


def test_a_workflow_that_the_patch_breaks_is_not_even_offered(tmp_path):
    flow = ".github/workflows/ci.yml"
    files = {**FILES, flow: "on: push\njobs:\n  test:\n    runs-on: ubuntu-18.04\n    steps: [{run: pytest}]\n"}
    offered = [{flow: files[flow].replace("runs-on: ubuntu-18.04", "runs-on:")}]
    case = Case(tmp_path, files, offered, failing=(), diagnosis={}, patch={"touches": "workflows"})
    verdict = case.prove()
    assert verdict.patch is None
    assert "job test: `runs-on` is missing" in verdict.refusals[0]
    assert case.completed.starts == ()
