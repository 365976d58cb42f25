"""What stands since the good version, and what came since: by kind, by file, by number."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bot.adapters.sandbox import pick
from bot.model import Check, CodebaseInfo, Failure
from bot.telemetry.standing import Before, is_static, stood
from tests import make


def lint(count: int, places: str, **over: str) -> Failure:
    fields = {"class": "lint", "tool": "ruff", "test_id": None, "code": "F401", "message": "`os` imported but unused"}
    return make.failure(**{**fields, "details": (("count", str(count)), ("places", places)), **over})


BEFORE = (lint(2, "a.py:1 b.py:3"),)


@pytest.mark.parametrize(
    ("failure", "stands"),
    [
        (lint(2, "a.py:1 b.py:3"), True),
        (lint(2, "a.py:7 b.py:9"), True),
        (lint(1, "b.py:3"), True),
        (lint(3, "a.py:1 a.py:2 b.py:3"), False),
        (lint(2, "a.py:1 c.py:3"), False),
        (lint(1, "a.py:1", code="F841"), False),
    ],
    ids=["the same", "on other lines", "fewer", "one more", "in another file", "of another rule"],
)
def test_what_stands_is_told_by_kind_file_and_number(failure: Failure, stands: bool) -> None:
    assert stood(make.anomaly(failures=(failure,)), BEFORE) is stands


def test_without_a_rule_the_message_tells_and_its_numbers_do_not_count() -> None:
    now = lint(1, "", code="", message="would reformat a.py at line 12")
    before = lint(1, "", code="", message="would reformat a.py at line 3")
    assert stood(make.anomaly(failures=(now,)), (before,))
    assert not stood(make.anomaly(failures=(now,)), ())


def test_a_failing_test_never_stands() -> None:
    failing = make.anomaly(failures=(make.failure(),))
    assert not is_static(failing)
    assert not stood(failing, (make.failure(),))


def info(tmp_path: Path, now: str, before: str) -> CodebaseInfo:
    for name, text in (("now", now), ("good", before)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_text(text)
    check = Check(name="ruff", kind="lint", tool="ruff", argv=("ruff", "check", "."))
    return CodebaseInfo(
        repository="o/n",
        checkout=str(tmp_path),
        tree=str(tmp_path / "now"),
        digest="",
        checks=(check,),
        environment=sys.prefix,
        good="HEAD~1",
        good_tree=str(tmp_path / "good"),
    )


@pytest.mark.parametrize(
    ("before", "asked", "stands"),
    [("import os\n", True, True), ("import os\n", False, False), ("", True, False)],
    ids=["it was there", "nobody named a good version", "it came since"],
)
def test_the_check_is_run_on_the_good_version(tmp_path: Path, before: str, asked: bool, stands: bool) -> None:
    held = info(tmp_path, "import os\n", before)
    anomaly = make.anomaly(failures=(lint(1, "a.py:1"),))
    knows = Before(lambda: pick(trust=True), asked=asked)
    assert knows.among((anomaly,), held, ("ruff",)) == ((anomaly,) if stands else ())


def test_without_a_good_version_nothing_stands(tmp_path: Path) -> None:
    held = info(tmp_path, "import os\n", "import os\n").model_copy(update={"good_tree": ""})
    anomaly = make.anomaly(failures=(lint(1, "a.py:1"),))
    assert Before(lambda: pick(trust=True), asked=True).among((anomaly,), held, ("ruff",)) == ()
    assert Before(lambda: pick(trust=True), asked=True).among((anomaly,), None, ("ruff",)) == ()
