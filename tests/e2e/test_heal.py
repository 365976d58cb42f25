"""`selfheal heal` on small broken repositories: exit codes, the patch, the JSON, and the checkout as it was."""

from __future__ import annotations

import hashlib
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.commands.program import program
from tests.e2e import repos


@dataclass(frozen=True)
class Healed:
    """What one run of the command gave."""

    code: int
    patch: str
    told: str
    data: dict[str, Any]


def heal(checkout: Path, *more: str) -> Healed:
    """Run `selfheal heal` in this process and return what it gave."""
    target = checkout.parent / f"{checkout.name}.json"
    arguments = ["heal", str(checkout), "--trust-code", "--budget", "90", "--json", str(target), *more]
    result = CliRunner().invoke(program, arguments, catch_exceptions=False)
    data = json.loads(target.read_text()) if target.is_file() else {}
    return Healed(result.exit_code, result.stdout, result.stderr, data)


def photo(folder: Path) -> dict[str, str]:
    """Return the digest of every file of a checkout, the index and objects of git included."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


RED_AFTER_GREEN = ("wrong comparison", "missing dependency", "wrong default")
"""Faults that are also healed with their good version known; by how they are healed, one of each kind."""


@pytest.mark.parametrize(
    ("name", "history"),
    [*((name, False) for name in repos.FAULTS), *((name, True) for name in RED_AFTER_GREEN)],
)
def test_a_broken_repository_is_healed(tmp_path: Path, name: str, history: bool) -> None:
    checkout = repos.broken(tmp_path / "depot", name, history=history)
    before = photo(checkout)
    done = heal(checkout)
    assert done.code == 0, done.told
    assert photo(checkout) == before
    assert done.data["status"] == "healed"
    proven = [fix for fix in done.data["fixes"] if fix["validated"]]
    assert proven
    assert proven[0]["evidence"]["after"]
    subprocess.run(["git", "apply", "-p1", "-"], input=done.patch, text=True, cwd=checkout, check=True)
    assert heal(checkout).code == 3


def test_a_healthy_repository_is_left_alone(tmp_path: Path) -> None:
    done = heal(repos.make(tmp_path / "depot", repos.GOOD))
    assert (done.code, done.patch, done.data["status"]) == (3, "", "healthy")


FORECAST = """\
from depot.stock import forecast


def test_forecast():
    assert forecast([1, 2, 4, 8], days=3) == [16, 32, 64]
"""


def test_a_missing_feature_is_not_healed(tmp_path: Path) -> None:
    done = heal(repos.make(tmp_path / "depot", {**repos.GOOD, "tests/test_more.py": FORECAST}))
    assert (done.code, done.patch) == (1, "")
    assert done.data["remaining"]


def test_dependencies_that_can_not_be_installed_are_healed(tmp_path: Path) -> None:
    wanted = repos.PROJECT.replace("[]", '["iniconfig>=1"]', 1)
    checkout = repos.make(tmp_path / "depot", {**repos.GOOD, "pyproject.toml": wanted})
    repos.make(checkout, {"pyproject.toml": wanted.replace(">=1", "==99.1")}, "Ask for the newest")
    done = heal(checkout)
    assert done.code == 0, done.told
    assert '+dependencies = ["iniconfig>=1"]' in done.patch
    checks = {one["name"] for one in done.data["fixes"][0]["evidence"]["checks"]}
    assert {"clean install", "fails to install", "whole suite"} <= checks


def test_when_the_time_is_spent_that_is_said(tmp_path: Path) -> None:
    slow = {"tests/test_slow.py": "import time\n\n\ndef test_slow():\n    time.sleep(2)\n"}
    done = heal(repos.make(tmp_path / "depot", {**repos.GOOD, **slow}), "--budget", "1")
    assert (done.code, done.patch, done.data["status"]) == (1, "", "unhealed")
    assert "give more with --budget" in done.told


def test_a_folder_without_git_is_refused(tmp_path: Path) -> None:
    done = heal(tmp_path)
    assert done.code == 2
    assert done.data["status"] == "error"
    assert "git" in done.told


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    done = heal(tmp_path / "nowhere")
    assert done.code == 2
    assert "nowhere is not a folder" in done.told


def test_a_broken_policy_is_refused_and_the_line_named(tmp_path: Path) -> None:
    policy = {".github/selfheal.yml": "version: 1\nmood: propose\n"}
    done = heal(repos.make(tmp_path / "depot", {**repos.GOOD, **policy}))
    assert done.code == 2
    assert "selfheal.yml:2" in done.told


def test_a_project_without_checks_is_said_to_have_none(tmp_path: Path) -> None:
    done = heal(repos.make(tmp_path / "empty", {"README.md": "nothing here\n"}))
    assert done.code == 3
    assert "no checks" in done.told


def test_the_patch_is_written_only_when_asked(tmp_path: Path) -> None:
    checkout = repos.broken(tmp_path / "depot", "wrong operator")
    assert heal(checkout, "--apply").code == 0
    assert "return gross - tare" in (checkout / "depot/stock.py").read_text()
    changed = subprocess.run(["git", "status", "--porcelain"], cwd=checkout, capture_output=True, text=True, check=True)
    assert changed.stdout == " M depot/stock.py\n"


def test_uncommitted_work_is_healed_as_found(tmp_path: Path) -> None:
    checkout = repos.make(tmp_path / "depot", repos.GOOD)
    stock = checkout / "depot/stock.py"
    stock.write_text(stock.read_text().replace("gross - tare", "gross + tare"))
    (checkout / "notes.txt").write_text("untracked\n")
    done = heal(checkout)
    assert done.code == 0, done.told
    assert "+    return gross - tare" in done.patch


def test_two_faults_are_healed_one_after_the_other(tmp_path: Path) -> None:
    checkout = repos.broken(tmp_path / "depot", "wrong operator")
    text = checkout / "depot/text.py"
    text.write_text(text.read_text().replace(".upper()", ".uper()"))
    done = heal(checkout)
    assert done.code == 0, done.told
    assert len([fix for fix in done.data["fixes"] if fix["validated"]]) == 2


def test_a_log_says_where_to_look(tmp_path: Path) -> None:
    checkout = repos.broken(tmp_path / "depot", "wrong operator")
    ran = subprocess.run(["python", "-m", "pytest"], cwd=checkout, capture_output=True, text=True, check=False)
    log = tmp_path / "ci.log"
    log.write_text(ran.stdout)
    subprocess.run(["git", "clean", "-fdxq"], cwd=checkout, check=True)
    done = heal(checkout, "--log", str(log))
    assert done.code == 0, done.told


def test_a_log_of_another_project_is_refused(tmp_path: Path) -> None:
    log = tmp_path / "ci.log"
    log.write_text("FAILED tests/test_else.py::test_it - ValueError: no\n======= 1 failed in 0.1s =======\n")
    done = heal(repos.make(tmp_path / "depot", repos.GOOD), "--log", str(log))
    assert done.code == 2
    assert "another project" in done.told


def test_a_binary_log_is_refused(tmp_path: Path) -> None:
    log = tmp_path / "ci.log"
    log.write_bytes(bytes(range(256)) * 64)
    done = heal(repos.make(tmp_path / "depot", repos.GOOD), "--log", str(log))
    assert done.code == 2
    assert "ci.log" in done.told


def git(folder: Path, *arguments: str) -> str:
    """Return what a git command prints."""
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


def test_a_fix_is_delivered_approved_and_merged(tmp_path: Path) -> None:
    checkout = repos.broken(tmp_path / "depot", "missing import")
    forge = tmp_path / "forge"
    done = heal(checkout, "--deliver", str(forge))
    assert done.code == 0, done.told
    body = (forge / "pull-request.md").read_text()
    assert "🤖 Auto-fix: error in pallets" in body
    assert "main" in git(forge, "branch", "--list", "main")
    assert "import math" not in git(forge, "show", "main:depot/stock.py")
    approved = CliRunner().invoke(program, ["approve", "1", "--user", "ann", "--state", str(forge)])
    assert approved.exit_code == 0, approved.stderr
    assert "import math" in git(forge, "show", "main:depot/stock.py")
    assert git(forge, "branch", "--list", "auto-fix/*") == ""
    told = CliRunner().invoke(program, ["explain", done.data["fixes"][0]["id"], "--state", str(forge)])
    assert told.exit_code == 0, told.stderr
    assert "proven" in told.stderr
    again = CliRunner().invoke(program, ["approve", "1", "--state", str(forge)])
    assert again.exit_code == 2


def test_a_workflow_that_uses_a_dead_action_gets_its_patch_offered(tmp_path: Path) -> None:
    flow = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/upload-artifact@v3\n"
    checkout = repos.make(tmp_path / "depot", {**repos.GOOD, ".github/workflows/ci.yml": flow})
    log = tmp_path / "ci.log"
    log.write_text(
        "2026-11-01T10:00:03.0000000Z Getting action download info\n"
        "2026-11-01T10:00:04.0000000Z ##[error]This request has been automatically failed because it uses a "
        "deprecated version of `actions/upload-artifact: v3`. Learn more: https://github.blog/changelog/\n"
    )
    done = heal(checkout, "--log", str(log), "--deliver", str(tmp_path / "forge"))
    assert (done.code, done.patch) == (1, "")
    assert "+      - uses: actions/upload-artifact@v4" in done.told
    assert "+      - uses: actions/upload-artifact@v4" in (tmp_path / "forge" / "pull-request.md").read_text()
    assert git(tmp_path / "forge", "branch", "--list", "auto-fix/*") == ""
