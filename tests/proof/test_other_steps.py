"""Coverage, speed, documentation and installs: each step alone, against real runs."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import ClassVar

import pytest

from bot.codebase import of
from bot.codebase.spectrum import Spectrum
from bot.errors import Declined
from bot.model import Check, Failure, RecordedCall, Run
from bot.ports import Environment
from bot.proof.asked import asked
from bot.proof.documents import prove_documents
from bot.proof.ground import Found
from bot.proof.installing import is_metadata, prove_install
from bot.proof.order import prove_order
from bot.proof.ranks import shift
from bot.proof.reach import executable, merged, prove_coverage, share
from bot.proof.replay import replay, replayable
from bot.proof.speed import judged, prove_speed, work_of
from tests import make
from tests.proof.ground import PYTEST, Case, Fixed, bare, record

CODE = "def f(a, b):\n    return a < b\n\n\ndef g(a):\n    return a\n"
GOOD = CODE.replace("a < b", "a <= b")
TEST = "from a import f\n\n\ndef test_x():\n    assert f(1, 1)\n"
FILES = {"a.py": CODE, "tests/test_a.py": TEST}
COVERED = Spectrum({"tests/test_a.py::test_x": {"a.py": (1, 2, 5)}}, {"tests/test_a.py::test_x": "failed"})


def spectrum(folder, value=COVERED):
    value.save(folder / "spectrum.json")
    return {"spectrum": str(folder / "spectrum.json")}


def test_lines_that_can_run():
    assert executable('"""Text."""\n\nA = 1\n\n\ndef f():\n    """Text."""\n    return (\n        1\n    )\n') == {
        3,
        6,
        8,
    }
    assert executable("def f(:\n") == frozenset()
    assert share({}, {}) == 1.0
    assert share({"a.py": "A = 1\nB = 2\n"}, {"a.py": frozenset({1})}) == 0.5
    assert merged({"t": {"a.py": (1, 2)}, "u": {"a.py": (2, 3)}}) == {"a.py": {1, 2, 3}}


def test_coverage_is_measured_and_must_not_fall(tmp_path):
    more = GOOD + "\n\ndef h(a):\n    if a:\n        return 1\n    return 2\n"
    case = Case(tmp_path, FILES, [{"a.py": GOOD}, {"a.py": more}], info=spectrum(tmp_path))
    passed, said = record(prove_coverage(case.trial(), case.ground()), "coverage")
    assert passed
    assert "the tests run 1 of 1 changed lines" in said
    assert not record(prove_coverage(case.trial(1), case.ground()), "coverage")[0]


def test_coverage_that_was_not_measured_before_is_only_told(tmp_path):
    case = Case(tmp_path, FILES, [{"a.py": GOOD}, {"tests/test_a.py": TEST + "\n"}])
    found = prove_coverage(case.trial(), case.ground())
    assert record(found, "coverage") == (True, "the tests run 1 of 1 changed lines")
    assert found.not_checked == ("coverage before: it was not measured",)
    assert prove_coverage(case.trial(1), case.ground()).records == ()
    none = Case(tmp_path / "none", FILES, [{"a.py": GOOD}], checks=())
    assert prove_coverage(none.trial(), none.ground()).not_checked == ("coverage: the project has no test command",)


def test_a_test_for_untested_code_must_raise_coverage(tmp_path):
    useful = "from a import g\n\n\ndef test_g():\n    assert g(3) == 3\n"
    useless = "def test_nothing():\n    assert 1 + 1 == 2\n"
    cause = {"type": "coverage", "details": {}, "file": "a.py", "function": "g"}
    offered = [{"tests/test_g.py": useless}, {"tests/test_g.py": useful}]
    before = spectrum(tmp_path, Spectrum({"tests/test_a.py::test_x": {"a.py": (2,)}}, COVERED.outcomes))
    case = Case(tmp_path, {**FILES, "a.py": GOOD}, offered, diagnosis=cause, info=before)
    assert not record(prove_coverage(case.trial(0), case.ground()), "coverage")[0]
    found = prove_coverage(case.trial(1), case.ground())
    assert record(found, "coverage")[0]
    assert found.facts["coverage_after"] > found.facts["coverage_before"]


SLOW = """def seen(items):
    found = []
    for item in items:
        if item not in found:
            found.append(item)
    return found
"""
FAST = "def seen(items):\n    return list(dict.fromkeys(items))\n"
WORK = "from a import seen\n\n\ndef test_seen():\n    assert len(seen(list(range(4000)) * 2)) == 4000\n"
SLOWNESS = {"type": "performance", "details": {}, "file": "a.py", "line": 1}


def test_a_speed_up_is_measured(tmp_path):
    cause = {**SLOWNESS, "affected_tests": ("tests/test_a.py::test_seen",)}
    case = Case(tmp_path, {"a.py": SLOW, "tests/test_a.py": WORK}, [{"a.py": FAST}], diagnosis=cause)
    found = prove_speed(case.trial(), case.ground())
    assert record(found, "performance")[0], found
    assert found.facts["speed_ratio"] < 0.9


def test_a_method_is_timed_itself_where_its_tests_do_much_else(tmp_path):
    slow = "class Box:\n    def size(self):\n        return [sum(range(300)) for _ in range(9)][-1]\n"
    fast = slow.replace("[sum(range(300)) for _ in range(9)][-1]", "sum(range(300))")
    work = "from a import Box\n\n\ndef test_size():\n    assert sum(range(3_000_000))\n    assert Box().size()\n"
    cause = {**SLOWNESS, "line": 2, "function": "Box.size", "affected_tests": ("tests/test_a.py::test_size",)}
    cause["calls"] = (RecordedCall(handler="size", args="[]"),)
    case = Case(tmp_path, {"a.py": slow, "tests/test_a.py": work}, [{"a.py": fast}], failing=(), diagnosis=cause)
    passed, said = record(prove_speed(case.trial(), case.ground()), "performance")
    assert passed, said
    assert "over Box.size in tests/test_a.py::test_size" in said


@pytest.mark.parametrize(
    ("before", "after", "proven"),
    [
        ([1.0, 1.1, 1.2, 1.3, 1.4], [0.5, 0.6, 0.7, 0.8, 0.9], True),
        ([1.0, 1.1, 1.2, 1.3, 1.4], [1.09, 1.1, 1.11, 1.12, 1.13], False),
        ([1.0, 1.1, 1.2, 1.3, 1.4], [1.01, 1.11, 1.21, 1.31, 1.41], False),
    ],
)
def test_a_speed_up_is_certain_and_large_enough(before, after, proven):
    run = Run(command="pytest", exit_code=0, seconds=1.0, digest="", sandbox="bubblewrap")
    found = judged(shift(before, after), "t", (run, run))
    assert record(found, "performance")[0] is proven


def test_recorded_calls_are_replayed(tmp_path):
    items = [{"args": json.dumps([list(range(1500)) * 2])}, {"args": "[[1, 1]]", "kwargs": "{}"}, {"args": "{"}]
    calls = tuple(RecordedCall(handler="seen", **each) for each in items)
    cause = {**SLOWNESS, "function": "seen", "calls": calls}
    offered = [{"a.py": FAST}, {"a.py": FAST.replace("list(", "sorted(").replace("items))", "items), reverse=True)")}]
    case = Case(tmp_path, {"a.py": SLOW}, offered, failing=(), diagnosis=cause)
    assert len(replayable(calls)) == 2
    found = prove_speed(case.trial(), case.ground())
    assert record(found, "performance")[0], found
    assert "the recorded calls" in record(found, "performance")[1]
    passed, said = record(prove_speed(case.trial(1), case.ground()), "performance")
    assert (passed, said) == (False, "recorded calls give another result than before")
    broken = Case(tmp_path / "b", {"a.py": "import nothing_there\n" + SLOW}, offered, failing=(), diagnosis=cause)
    assert replay(broken.ground(), None) is None


def test_what_runs_the_slow_function(tmp_path):
    case = Case(tmp_path, FILES, [{"a.py": GOOD}], failing=(), diagnosis=SLOWNESS)
    found = prove_speed(case.trial(), case.ground())
    assert record(found, "performance") == (False, "nothing runs the slow function, so nothing could be measured")
    known = Case(tmp_path / "b", FILES, [], diagnosis={**SLOWNESS, "line": 2}, info=spectrum(tmp_path))
    assert work_of(known.ground()) == ("tests/test_a.py::test_x",)
    assert prove_speed(case.trial(), Case(tmp_path / "c", FILES, []).ground()).records == ()


STEPS = "def load():\n    pass\n\n\ndef send():\n    pass\n\n\ndef run():\n    load()\n    send()\n    return 1\n"
SWAPPED = STEPS.replace("load()\n    send()\n", "send()\n    load()\n")
RUNS = "from a import run\n\n\ndef test_run():\n    assert run()\n"


def order_of(folder, offered, **info):
    details = {"expected": "a.load\na.send", "observed": "a.send\na.load"}
    cause = {"type": "behavioral", "details": details, "file": "a.py", "line": 9, "function": "run"}
    cause["affected_tests"] = ("tests/test_a.py::test_run",)
    files = {"a.py": SWAPPED, "tests/test_a.py": RUNS}
    case = Case(folder, files, [{"a.py": offered}], failing=(), diagnosis=cause, info=info)
    return prove_order(case.trial(), case.ground(), Found())


def test_the_order_of_steps_is_replayed(tmp_path):
    passed, said = record(order_of(tmp_path / "a", STEPS), "order")
    assert (passed, said) == (True, "before send > load (1 times), after load > send (1 times)")
    assert not record(order_of(tmp_path / "b", SWAPPED.replace("return 1", "return 2")), "order")[0]
    good = tmp_path / "good"
    (good / "tests").mkdir(parents=True)
    (good / "a.py").write_text(STEPS)
    (good / "tests/test_a.py").write_text(RUNS)
    assert record(order_of(tmp_path / "c", STEPS, good_tree=str(good)), "order")[0]
    assert not record(order_of(tmp_path / "d", STEPS.replace("    send()\n", ""), good_tree=str(good)), "order")[0]
    (good / "a.py").write_text(SWAPPED)
    assert record(order_of(tmp_path / "e", STEPS, good_tree=str(good)), "order")[0], "its checks pass, yet it is wrong"


def test_an_order_that_nothing_runs_is_not_told(tmp_path):
    assert order_of(tmp_path / "a", STEPS.replace("def run", "def go")).records == ()
    case = Case(tmp_path / "b", FILES, [{"a.py": GOOD}], failing=(), diagnosis=SLOWNESS)
    assert prove_order(case.trial(), case.ground(), Found()).records == ()


DOC = 'def add(a, b):\n    """Add.\n\n    >>> add(1, 2)\n    3\n    """\n    return a + b\n'


def test_an_example_that_was_never_true_does_not_count(tmp_path):
    good = {"a.py": 'def f(x):\n    """Double.\n\n    >>> f(object())\n    """\n    return [x]\n'}
    broken = {"a.py": good["a.py"].replace("    return [x]\n", "    [x]\n")}
    (tmp_path / "good").mkdir()
    (tmp_path / "good/a.py").write_text(good["a.py"])
    known = Case(tmp_path / "known", broken, [good], info={"good_tree": str(tmp_path / "good")})
    assert record(prove_documents(known.trial(), known.ground()), "examples")[0]
    unknown = Case(tmp_path / "unknown", broken, [good])
    assert not record(prove_documents(unknown.trial(), unknown.ground()), "examples")[0]


def test_examples_in_changed_files_are_run(tmp_path):
    right = DOC.replace("a + b", "b + a")
    case = Case(tmp_path, {"a.py": DOC}, [{"a.py": right}, {"a.py": DOC.replace("a + b", "a + b + 1")}])
    assert record(prove_documents(case.trial(), case.ground()), "examples") == (True, "1 example(s) run, none worse")
    assert not record(prove_documents(case.trial(1), case.ground()), "examples")[0]


DOCS = Check(name="docs", kind="docs", tool="docs", argv=("python", "docs/build.py"))
BUILD = """import pathlib
import sys

if 'BROKEN' in pathlib.Path('docs/index.md').read_text():
    sys.exit('docs/index.md:1: WARNING: broken')
"""


def test_prose_must_not_break_the_build(tmp_path):
    files = {"docs/build.py": BUILD, "docs/index.md": "# Right\n"}
    offered = [{"docs/index.md": "# Right too\n"}, {"docs/index.md": "# BROKEN\n"}]
    case = Case(tmp_path, files, offered, checks=(PYTEST, DOCS))
    assert record(prove_documents(case.trial(), case.ground()), "docs") == (True, "docs passes")
    found = prove_documents(case.trial(1), case.ground())
    assert not record(found, "docs")[0]
    assert found.not_checked == ()


class Unable(Fixed):
    """Can't make any environment."""

    def prepare(self, tree, needs, *, original=None, fresh=False) -> Environment:
        raise Declined("no index can be reached")


MISSING = Failure.model_validate(
    {"class": "missing-dependency", "tool": "pytest", "message": "No module named 'pluggy'"}
)
DEPENDENCY = {"details": {"class": "missing-dependency", "module": "pluggy"}, "failures": (MISSING,)}
PROJECT = '[project]\nname = "a"\nversion = "1"\ndependencies = [%s]\n'


def test_a_dependency_is_installed_afresh(tmp_path):
    files = {"pyproject.toml": PROJECT % "", "a.py": "import pluggy\n"}
    offered = [{"pyproject.toml": PROJECT % '"pluggy"'}]
    without = {"environment": str(bare()), "environment_how": "made with uv"}
    case = Case(tmp_path, files, offered, diagnosis=DEPENDENCY, info=without)
    found = prove_install(case.trial(), case.ground())
    assert record(found, "clean install")[0]
    assert record(found, "import") == (True, "`import pluggy` works in the fresh environment")
    assert found.environment
    unable = Case(tmp_path / "b", files, offered, diagnosis=DEPENDENCY, environments=Unable())
    passed, said = record(prove_install(unable.trial(), unable.ground()), "clean install")
    assert not passed
    assert "no index can be reached" in said


def test_an_import_that_works_anyway_proves_nothing(tmp_path):
    offered = [{"pyproject.toml": PROJECT % '"pluggy"'}]
    case = Case(tmp_path, {"pyproject.toml": PROJECT % ""}, offered, diagnosis=DEPENDENCY)
    passed, said = record(prove_install(case.trial(), case.ground()), "import")
    assert not passed
    assert said.endswith("and without the patch too")


class Unsatisfiable(Fixed):
    """Can make an environment of the patched tree only."""

    def prepare(self, tree, needs, *, original=None, fresh=False) -> Environment:
        if "pluggy==99" in (tree / "pyproject.toml").read_text():
            raise Declined("pluggy==99 does not exist")
        return super().prepare(tree, needs)


def test_a_conflict_fails_to_install_before_and_installs_after(tmp_path):
    files = {"pyproject.toml": PROJECT % '"pluggy==99"'}
    cause = {"details": {"class": "dependency-conflict"}}
    offered = [{"pyproject.toml": PROJECT % '"pluggy"'}]
    case = Case(tmp_path, files, offered, diagnosis=cause, environments=Unsatisfiable())
    found = prove_install(case.trial(), case.ground())
    assert record(found, "fails to install")[0]
    assert record(found, "clean install")[0]
    met = {"pyproject.toml": PROJECT % '"pluggy>0", "absent; python_version < \'3\'"'}
    always = Case(tmp_path / "b", met, offered, diagnosis=cause, environments=Holding())
    assert "without the patch too" in prove_install(always.trial(), always.ground()).not_checked[0]


class Holding(Fixed):
    """Makes an environment of whatever can be had, and says what was asked of it."""

    asked: ClassVar[list[tuple[str, ...]]] = []

    def prepare(self, tree, needs, *, original=None, fresh=False) -> Environment:
        self.asked.append(needs)
        return replace(super().prepare(tree, needs), packages={"pluggy": "1.5"})


def test_a_conflict_of_an_extra_is_shown_by_what_is_left_out(tmp_path):
    extra = PROJECT % "" + "[project.optional-dependencies]\ntest = [%s]\n"
    files = {"pyproject.toml": extra % '"pluggy==99"'}
    cause = {"details": {"class": "dependency-conflict"}}
    offered = [{"pyproject.toml": extra % '"pluggy==1.5"'}]
    case = Case(tmp_path, files, offered, diagnosis=cause, environments=Holding())
    found = prove_install(case.trial(), case.ground())
    assert record(found, "fails to install") == (True, "without the patch pluggy==99 can't be had")
    assert "pluggy==1.5" in Holding.asked[-2]
    assert "pluggy==99" in Holding.asked[-1]


def test_an_install_that_does_not_give_the_module_is_refused(tmp_path):
    files = {"pyproject.toml": PROJECT % ""}
    cause = {**DEPENDENCY, "details": {"class": "missing-dependency", "module": "nothing_there"}}
    case = Case(tmp_path, files, [{"pyproject.toml": PROJECT % '"pluggy"'}], diagnosis=cause)
    assert not record(prove_install(case.trial(), case.ground()), "import")[0]


def test_metadata_without_other_dependencies_needs_no_install(tmp_path):
    files = {"pyproject.toml": PROJECT % "", "a.py": "A = 1\n"}
    case = Case(tmp_path, files, [{"pyproject.toml": PROJECT % "" + 'description = "x"\n'}, {"a.py": "A = 2\n"}])
    assert "what is installed" in prove_install(case.trial(), case.ground()).not_checked[0]
    assert prove_install(case.trial(1), case.ground()).not_checked == ()
    assert is_metadata("requirements/dev.txt")
    assert not is_metadata("docs/notes.txt")


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ("No module named 'yaml'", "pyyaml"),
        ("No module named 'foo.bar'", "foo"),
        ('Library stubs not installed for "requests"', "types-requests"),
        ("fixture 'mocker' not found", "pytest-mock"),
        ("You need to install a plugin, for example pytest-asyncio", "pytest-asyncio"),
    ],
)
def test_what_a_cause_asks_for(message, name):
    failure = make.failure(message=message)
    found = asked(make.diagnosis(failures=(failure,), details={}), of({}))
    assert name in found
    assert "left-pad" not in found


@pytest.mark.parametrize(
    ("said", "plugin"),
    [
        ("error: unrecognized arguments: --cov=app --cov-report=xml", "pytest-cov"),
        ("fixture 'mocker' not found", "pytest-mock"),
        ("'django_db' not found in `markers` configuration option", "pytest-django"),
        ("async def functions are not natively supported.", "pytest-asyncio"),
    ],
)
def test_a_plugin_is_asked_for_by_what_comes_from_it(said: str, plugin: str) -> None:
    assert plugin in asked(make.diagnosis(failures=(make.failure(message=said),), details={}), of({}))


def test_a_build_asks_for_what_builds_projects():
    failure = make.failure(message="Because setuptol was not found in the package registry and you require setuptol")
    found = asked(make.diagnosis(failures=(failure,), details={"class": "packaging"}), of({}))
    assert {"setuptools", "hatchling", "setuptol"} <= found
    assert "setuptools" not in asked(make.diagnosis(failures=(failure,), details={"class": "lint"}), of({}))
