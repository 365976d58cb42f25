"""Sequence 5 against real repositories: what is proven, what is refused, and why."""

from __future__ import annotations

import json

import jsonschema_rs
import pytest

from bot.errors import Misconfigured
from bot.model import Known
from bot.proof.evidence import schema
from bot.stages import validation
from tests import make
from tests.proof.ground import Case, seen

CODE = "def f(a, b):\n    return a < b\n\n\ndef g(a):\n    return a + 1\n"
GOOD = CODE.replace("a < b", "a <= b")
BREAKS_G = GOOD.replace("a + 1", "a + 2")
TESTS = """from pkg.a import f, g


def test_x():
    assert f(1, 1)


def test_g():
    assert g(1) == 2
"""
FILES = {"pkg/__init__.py": "", "pkg/a.py": CODE, "tests/test_a.py": TESTS}


def test_a_right_patch_is_proven(tmp_path):
    case = Case(tmp_path, FILES, [{"pkg/a.py": GOOD}])
    verdict = case.prove()
    assert verdict.proven, verdict.refusals
    assert verdict.patch.id == "p0"
    names = [record.name for record in verdict.evidence.checks]
    assert names[:4] == ["diff gate", "syntax", "secret scan", "dependency audit"]
    assert names[4:8] == ["fails before", "witness", "passes after", "whole suite"]
    jsonschema_rs.validate(schema(), json.loads(verdict.evidence.as_json()))
    runs = [run for record in verdict.evidence.checks for run in record.runs]
    assert all(run.command and run.seconds > 0 and len(run.digest) == 64 and run.sandbox for run in runs)
    assert verdict.evidence.before[0].outcomes == {"tests/test_a.py::test_x": "failed"}
    assert [run.outcomes for run in verdict.evidence.after[:3]] == [{"tests/test_a.py::test_x": "passed"}] * 3
    assert set(verdict.evidence.after[3].outcomes.values()) == {"passed"}
    assert case.completed.starts[0].event == "deploy.requested"
    assert any(each.startswith("performance") for each in verdict.evidence.not_checked)


def test_the_first_proven_patch_wins_and_the_refusals_are_told(tmp_path):
    wrong = CODE.replace("a < b", "a > b")
    cheat = TESTS.replace("    assert f(1, 1)\n", "    pass\n")
    case = Case(
        tmp_path, FILES, [{"pkg/a.py": wrong}, {"tests/test_a.py": cheat}, {"pkg/a.py": BREAKS_G}, {"pkg/a.py": GOOD}]
    )
    verdict = case.prove()
    assert verdict.proven
    assert verdict.patch.id == "p3"
    assert len(verdict.refusals) == 3
    assert "passes after" in verdict.refusals[0]
    assert "emptied_test" in verdict.refusals[1]
    assert "1 new failure(s): tests/test_a.py::test_g" in verdict.refusals[2]


def test_nothing_is_proven_that_does_not_fail_before(tmp_path):
    case = Case(tmp_path, {**FILES, "pkg/a.py": GOOD}, [{"pkg/a.py": GOOD + "\n\nX = 1\n"}])
    verdict = case.prove()
    assert not verdict.proven
    assert "fails before" in verdict.refusals[0]
    assert case.completed.starts == ()
    assert case.completed.summary.startswith("no patch is proven")


def test_no_patch_at_all(tmp_path):
    verdict = Case(tmp_path, FILES, []).prove()
    assert not verdict.proven
    assert verdict.evidence.checks == ()


def test_an_import_error_is_proven_and_what_it_hid_is_not_broken(tmp_path):
    files = {
        **FILES,
        "pkg/a.py": "import jsn\n" + GOOD,
        "tests/test_a.py": TESTS + "\n\ndef test_hidden():\n    assert g(1) == 3\n",
    }
    case = Case(tmp_path, files, [{"pkg/a.py": "import json\n" + GOOD}], failing=("tests/test_a.py",))
    verdict = case.prove()
    assert not verdict.proven or seen(verdict)["whole suite"][0]
    assert seen(verdict)["fails before"][0]


def test_an_empty_id_is_an_error_and_a_known_one_is_answered():
    with pytest.raises(Misconfigured, match="Invalid request ID"):
        validation.validate_requested(make.request(request_id=" "), None)
    known = Known(record_id="r")
    assert validation.validate_requested(make.request(), known) is known
