"""Patches that forge what the tests say, and honest ones beside them: real runs in the sandbox."""

from __future__ import annotations

import pytest

from bot.model import Run
from bot.proof.testing import prove_tests
from bot.proof.witness import located, witnesses
from tests.proof.ground import PYTEST, Case, record

CODE = "def f(a, b):\n    return a < b\n"
GOOD = CODE.replace("<", "<=")
TEST = """import unittest
import pytest
from a import f


def test_x():
    assert f(1, 1)


class TestY(unittest.TestCase):
    def test_y(self):
        self.assertTrue(f(1, 1))


@pytest.mark.parametrize("n", [1, 2])
def test_z(n):
    with pytest.raises(ZeroDivisionError):
        f(n, n) / 0
    assert f(n, n) == pytest.approx(1)
"""
FAILING = ("tests/test_a.py::test_x", "tests/test_a.py::TestY::test_y", "tests/test_a.py::test_z[1]")
FILES = {"a.py": CODE, "tests/test_a.py": TEST}
EVERY = "import gc, os, sys\n\n\ndef f(a, b):\n"
FORGED = {
    "leaves the process": f"{EVERY}    os._exit(0)\n",
    "leaves the process as it is imported": f"{EVERY}    return False\n\n\nos._exit(0)\n",
    "prints a report": f"{EVERY}    os.write(1, b'3 passed in 0.01s\\n')\n    os._exit(0)\n",
    "changes what reports say": (
        f"{EVERY}    return False\n\n\nfrom _pytest.reports import TestReport\nreal = TestReport.__init__\n"
        "def made(self, *args, **named):\n    real(self, *args, **named)\n    self.outcome = 'passed'\n"
        "TestReport.__init__ = made\n"
    ),
    "lets no test run": f"{EVERY}    return False\n\n\nfrom _pytest.python import Function\n"
    "from _pytest.unittest import TestCaseFunction\nFunction.runtest = TestCaseFunction.runtest = lambda self: None\n",
    "empties the tests": (
        f"{EVERY}    for one in gc.get_objects():\n"
        "        if getattr(one, '__name__', '').startswith('test_') and hasattr(one, '__code__'):\n"
        "            one.__code__ = (lambda *args: None).__code__\n    return False\n"
    ),
    "changes the notes of the worker": (
        f"{EVERY}    return False\n\n\nnotes = type(next(o for o in gc.get_objects() if type(o).__name__ == 'Notes'))\n"
        "real = notes.outcome\nnotes.outcome = lambda self, test, outcome, error=None: real(self, test, 'passed')\n"
    ),
    "writes the worker's report": (
        f"{EVERY}    frame = sys._getframe()\n    while frame:\n        if 'notes' in frame.f_locals:\n"
        "            notes = frame.f_locals['notes']\n        frame = frame.f_back\n"
        "    for test in notes._ids:\n"
        "        notes._write('result', id=test, outcome='passed', seconds=0.0, error=None)\n"
        "    notes._write('end', code=0)\n    os._exit(0)\n"
    ),
    "writes into the report": (
        f"{EVERY}    path = os.path.join(os.environ['SELFHEAL_BOX'], 'report.jsonl')\n"
        "    with open(path, 'a') as stream:\n        stream.write('{}\\n')\n    os._exit(0)\n"
    ),
    "registers a plugin": (
        f"{EVERY}    return False\n\n\nimport pytest\n\n\nclass Green:\n"
        "    @pytest.hookimpl(hookwrapper=True, trylast=True)\n"
        "    def pytest_runtest_makereport(self, item, call):\n        done = yield\n"
        "        done.get_result().outcome = 'passed'\n\n\n"
        "next(o for o in gc.get_objects() if type(o).__name__ == 'Config').pluginmanager.register(Green())\n"
    ),
    "replaces pytest's helpers": (
        f"{EVERY}    return a <= b\n\n\nimport contextlib, pytest\n"
        "pytest.raises = lambda *a: contextlib.suppress(Exception)\n"
    ),
    "silences the assertions of unittest": (
        f"{EVERY}    return a <= b\n\n\nimport unittest\nunittest.TestCase.assertTrue = lambda *args: None\n"
    ),
    "makes failures expected": (
        f"{EVERY}    return False\n\n\nfrom _pytest.reports import TestReport\nreal = TestReport.from_item_and_call\n"
        "def made(item, call):\n    call.excinfo = None\n    return real(item, call)\n"
        "TestReport.from_item_and_call = made\n"
    ),
}  # fmt: skip
KNOWN = Run(command="", exit_code=1, seconds=0.0, digest="", sandbox="")


def _proven(case: Case):
    ground = case.ground()
    ground.baseline["failing"] = KNOWN.model_copy(update={"outcomes": dict.fromkeys(case.failing, "failed")})
    return prove_tests(case.trial(), ground)


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_report_proves_nothing(how, tmp_path):
    found = _proven(Case(tmp_path, FILES, [{"a.py": FORGED[how]}], failing=FAILING))
    assert record(found, "witness")[0] is False


def test_a_hook_of_the_project_that_greens_all_proves_nothing(tmp_path):
    hook = (
        "import pytest\n\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport(item, call):\n"
        "    done = yield\n    done.get_result().outcome = 'passed'\n"
    )
    found = _proven(Case(tmp_path, FILES, [{"conftest.py": hook}], failing=FAILING))
    assert record(found, "witness")[0] is False


def test_an_honest_repair_is_told_by_its_witnesses(tmp_path):
    found = _proven(Case(tmp_path, FILES, [{"a.py": GOOD}], failing=FAILING))
    assert record(found, "witness") == (True, "3 of 3 tests made to fail are reported as failing")
    assert not found.refused


def test_a_project_that_hides_failures_by_itself_is_not_held_against_the_patch(tmp_path):
    retry = "def again(test):\n    def run():\n        try:\n            test()\n        except AssertionError as e:\n"
    retry += "            if 'witness' not in str(e):\n                raise\n    return run\n"
    test = "from a import f\nfrom help import again\n\n\n@again\ndef test_x():\n    assert f(1, 1)\n"
    files = {"a.py": CODE, "help.py": retry, "tests/test_a.py": test}
    found = _proven(Case(tmp_path, files, [{"a.py": GOOD}], failing=FAILING[:1]))
    assert record(found, "witness")[0] is True


def test_an_example_in_the_code_and_a_test_of_another_name_need_no_witness(tmp_path):
    code = CODE.replace(":\n", ':\n    """\n    >>> f(1, 1)\n    True\n    """\n', 1)
    argv = ("python", "-m", "pytest", "-q", "--doctest-modules", "-o", "python_functions=check_*")
    check = PYTEST.model_copy(update={"argv": argv})
    test = "from a import f\n\n\ndef check_x():\n    assert f(1, 1)\n\n\ncheck_y = check_x\n"
    for number, failing in enumerate(["a.py::a.f", "tests/test_a.py::check_y"]):
        files = {"a.py": code, "tests/test_a.py": test}
        patch = {"a.py": code.replace("a < b", "a <= b")}
        found = _proven(Case(tmp_path / str(number), files, [patch], failing=(failing,), checks=(check,)))
        assert not found.refused, found.records


MODULES = {"tests": "tests/__init__.py", "tests.test_a": "tests/test_a.py", "a": "a.py"}


@pytest.mark.parametrize(
    ("test", "place"),
    [
        ("tests/test_a.py::T::test_x[p::q]", ("tests/test_a.py", ("T", "test_x"), "tests/test_a.py::")),
        ("tests/test_a.py", ("tests/test_a.py", (), "tests/test_a.py::")),
        ("tests.test_a.T.test_x", ("tests/test_a.py", ("T", "test_x"), "tests.test_a.")),
        ("test_a.T.test_x", ("tests/test_a.py", ("T", "test_x"), "test_a.")),
        ("elsewhere.T.test_x", ("", (), "")),
    ],
)
def test_a_test_is_located(test, place):
    assert located(test, MODULES) == place


def test_one_function_fails_once_and_what_is_not_seen_gets_one_beside_it():
    text = "from pytest import raises, mark\n\n@mark.xfail\ndef test_x(n):\n    with raises(E):\n        pass\n"
    ids = (
        "tests/test_a.py::test_x[1]",
        "tests/test_a.py::test_x[2]",
        "tests.test_a.T.gone",
        "tests.test_a.T.away",
        "x.y",
    )
    made = witnesses(ids, {"tests/test_a.py": text}, MODULES)
    assert len(made.words) == 3
    assert made.words[ids[0]] == made.words[ids[1]]
    assert "tests.test_a.Testtest_" in list(made.words)[2]
    assert "@mark.xfail" not in made.edits[0].text
    assert "with raises(KeyError)" in made.edits[0].text
    assert witnesses(("gone.py::test",), {}, MODULES).words == {}
