"""Coverage reports as a share for each file; anything else, hostile or broken, gives nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.telemetry.covered import coverage_of

ENTITIES = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><coverage line-rate="&b;"/>'


def test_the_tools_own_reports_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\nif x > 1:\n    x = 2\n    x = 3\n", encoding="utf-8")
    for command in (["run", "a.py"], ["json", "-q"], ["xml", "-q"]):
        subprocess.run([sys.executable, "-m", "coverage", *command], cwd=tmp_path, check=True, env={"PATH": ""})
    assert coverage_of([tmp_path / "coverage.json"]) == {"a.py": 0.5}
    assert coverage_of([tmp_path / "coverage.xml"]) == {"a.py": 0.5}


@pytest.mark.parametrize(
    "text",
    ["", "{}", '{"branch_coverage": 1, "files": []}', '<coverage line-rate="1"><class filename="a" line-rate="x"/>'],
)
def test_what_is_no_report_gives_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "report").write_text(text, encoding="utf-8")
    assert coverage_of([tmp_path / "report"]) == {}


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    (tmp_path / "report.xml").write_text(ENTITIES, encoding="utf-8")
    assert coverage_of([tmp_path / "report.xml"]) == {}


def test_paths_are_posix(tmp_path: Path) -> None:
    report = {"meta": {"branch_coverage": False}, "files": {"pkg\\a.py": {"summary": {"percent_covered": 75.0}}}}
    (tmp_path / "report.json").write_text(json.dumps(report), encoding="utf-8")
    assert coverage_of([tmp_path / "report.json"]) == {"pkg/a.py": 0.75}
