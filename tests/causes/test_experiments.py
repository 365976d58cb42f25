"""Edits tried out on failing tests, in the real sandbox; and when nothing is tried."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from bot.adapters.sandbox import pick
from bot.causes.experiments import with_cures
from bot.causes.locate import diagnose_failure
from bot.codebase import Codebase, Spectrum
from bot.model import Check, CodebaseInfo
from tests import make

CODE = """def size(box):
    width = box[0]
    height = box[1]
    area = width + height
    return area
"""
TESTS = """from boxes import size


def test_size():
    assert size((3, 4)) == 12


def test_nothing():
    assert size((0, 0)) == 0
"""
WRONG, RIGHT = "test_boxes.py::test_size", "test_boxes.py::test_nothing"
RAN = {"boxes.py": (2, 3, 4, 5)}
ANOMALY = make.anomaly(metrics={"class": "test-failure"}, failures=(make.failure(test_id=WRONG),))


@pytest.fixture
def info(tmp_path: Path) -> CodebaseInfo:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "boxes.py").write_text(CODE)
    (tree / "test_boxes.py").write_text(TESTS)
    outcomes = {WRONG: "failed", RIGHT: "passed"}
    Spectrum({WRONG: RAN, RIGHT: RAN}, outcomes).save(tmp_path / "spectrum.json")
    env = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    argv = ("python", "-m", "pytest")
    return CodebaseInfo(
        repository="o/n",
        checkout=str(tree),
        tree=str(tree),
        digest="d",
        environment=sys.prefix,
        checks=(Check(name="pytest", kind="test", tool="pytest", argv=argv, runner="pytest", env=env),),
        spectrum=str(tmp_path / "spectrum.json"),
        outcomes=outcomes,
    )


def test_the_line_whose_edit_cures_comes_first(info: CodebaseInfo) -> None:
    found = with_cures(info, [ANOMALY], pick(trust=True))
    diagnosis = diagnose_failure(ANOMALY, Codebase(found))
    assert {(one.file, one.line) for one in found.cures} == {("boxes.py", 4)}
    assert diagnosis.line == 4
    assert "an edit of boxes.py:4, tried out, makes the failing tests pass" in diagnosis.rests_on


def test_what_cures_all_failing_tests_is_looked_for_first_and_then_what_cures_some(info: CodebaseInfo) -> None:
    tree = Path(info.tree)
    (tree / "boxes.py").write_text(CODE + "\n\ndef half(n):\n    return n * 2\n")
    more = "\n\ndef test_half():\n    from boxes import half\n\n    assert half(8) == 4\n"
    (tree / "test_boxes.py").write_text(TESTS + more)
    other = "test_boxes.py::test_half"
    outcomes = {**info.outcomes, other: "failed"}
    coverage = {WRONG: RAN, RIGHT: RAN, other: {"boxes.py": (9,)}}
    Spectrum(coverage, outcomes).save(Path(info.spectrum))
    second = make.anomaly(metrics={"class": "test-failure"}, failures=(make.failure(test_id=other),))
    found = with_cures(
        info.model_copy(update={"outcomes": outcomes}), [ANOMALY, second], pick(trust=True), time.time() + 40
    )
    assert {(one.line, one.tests) for one in found.cures} == {(4, (WRONG,)), (9, (other,))}


def test_nothing_is_tried_where_it_can_tell_nothing(info: CodebaseInfo) -> None:
    box = pick(trust=True)
    for without in ({"good": "abc"}, {"spectrum": ""}, {"environment": ""}, {"checks": ()}):
        lacking = info.model_copy(update=without)
        assert with_cures(lacking, [ANOMALY], box) is lacking
    assert with_cures(info, [make.anomaly(type="performance")], box).cures == ()
    unsteady = info.model_copy(update={"repeats": {WRONG: ("passed", "failed", "passed")}})
    assert with_cures(unsteady, [ANOMALY], box).cures == ()
    assert with_cures(info, [ANOMALY], box, until=1.0).cures == ()


def test_tests_that_do_not_fail_here_have_no_cure(info: CodebaseInfo) -> None:
    passing = make.anomaly(metrics={"class": "test-failure"}, failures=(make.failure(test_id=RIGHT),))
    assert with_cures(info, [passing], pick(trust=True)).cures == ()
