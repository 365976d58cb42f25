"""Coverage reports as a share for each file; anything else, hostile or broken, gives nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from coverage import CoverageData

from bot.telemetry.covered import Covered, coverage_of

ENTITIES = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><coverage line-rate="&b;"/>'


def test_the_tools_own_reports_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\nif x > 1:\n    x = 2\n    x = 3\n", encoding="utf-8")
    for command in (["run", "a.py"], ["json", "-q"], ["xml", "-q"]):
        subprocess.run([sys.executable, "-m", "coverage", *command], cwd=tmp_path, check=True, env={"PATH": ""})
    half = {"a.py": Covered(0.5, (1, 2))}
    assert coverage_of([tmp_path / "coverage.json"]) == half
    assert coverage_of([tmp_path / "coverage.xml"], tmp_path) == half
    assert coverage_of([tmp_path / ".coverage"], tmp_path) == half


def test_a_database_without_the_source_knows_lines_and_no_share(tmp_path: Path) -> None:
    data = CoverageData(basename=str(tmp_path / "db"))
    data.add_lines({"/home/runner/work/shop/shop/pkg/a.py": [3, 1]})
    data.write()
    data.close()
    assert coverage_of([tmp_path / "db"]) == {"pkg/a.py": Covered(None, (1, 3))}
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "a.py").write_text("x = (", encoding="utf-8")
    assert coverage_of([tmp_path / "db"], tmp_path) == {"pkg/a.py": Covered(None, (1, 3))}


def test_what_ran_outside_of_every_test_counts_for_the_share_and_as_run_by_no_test(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n\n\ndef f():\n    return x\n", encoding="utf-8")
    data = CoverageData(basename=str(tmp_path / "db"))
    for context, ran in (("", [1, 4]), ("test_a.py::test_f|run", [4, 5])):
        data.set_context(context)
        data.add_lines({str(tmp_path / "a.py"): ran})
    data.write()
    data.close()
    assert coverage_of([tmp_path / "db"], tmp_path) == {"a.py": Covered(1.0, (4, 5), (1,))}
    file = {"summary": {"percent_covered": 100.0}, "executed_lines": [1, 4, 5]}
    file["contexts"] = {"1": [""], "4": ["", "test_a.py::test_f|run"], "5": ["test_a.py::test_f|run"], "x": []}
    report = {"meta": {"branch_coverage": False}, "files": {"a.py": file}}
    (tmp_path / "report.json").write_text(json.dumps(report), encoding="utf-8")
    assert coverage_of([tmp_path / "report.json"]) == {"a.py": Covered(1.0, (4, 5), (1,))}


def test_a_broken_database_gives_nothing(tmp_path: Path) -> None:
    (tmp_path / "db").write_bytes(b"SQLite format 3\0" + b"\1" * 5000)
    assert coverage_of([tmp_path / "db"]) == {}


def test_names_below_a_source_become_relative_to_the_checkout(tmp_path: Path) -> None:
    (tmp_path / "src" / "shop").mkdir(parents=True)
    (tmp_path / "src" / "shop" / "a.py").write_text("x = 1\n", encoding="utf-8")
    lines = '<lines><line number="1" hits="2"/><line number="2" hits="0"/></lines>'
    body = f'<class filename="a.py" line-rate="0.5">{lines}</class>'
    for source in ("/elsewhere/src/shop", str(tmp_path / "src" / "shop")):
        text = f'<coverage line-rate="0.5"><sources><source>{source}</source></sources>{body}</coverage>'
        (tmp_path / "c.xml").write_text(text, encoding="utf-8")
        assert coverage_of([tmp_path / "c.xml"], tmp_path) == {"src/shop/a.py": Covered(0.5, (1,))}


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
    assert coverage_of([tmp_path / "report.json"]) == {"pkg/a.py": Covered(0.75)}
