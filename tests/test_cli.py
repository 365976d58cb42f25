"""The command line: what each command gives, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot import cli
from bot.commands.program import program

EVENTS = [
    ("load", 1, "beat-completed", 10.0),
    ("save", 2, "beat-completed", 20.0),
]
SEQUENCE = {
    "id": "order",
    "name": "Order",
    "description": "",
    "movements": [
        {
            "id": "m",
            "name": "M",
            "description": "",
            "beats": [
                {"beat": 1, "event": "loaded", "handler": "load", "kind": "pure", "timing": "immediate"},
                {"beat": 2, "event": "saved", "handler": "save", "kind": "pure", "timing": "after-beat"},
            ],
        }
    ],
}


def run(*arguments: str) -> Result:
    """Run the program in this process."""
    return CliRunner().invoke(program, list(arguments), catch_exceptions=False)


def as_json(*arguments: str) -> Any:
    """Run a command with its JSON on stdout and return it."""
    result = run(*arguments, "--json", "-")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def events(folder: Path, *, swapped: bool = False) -> Path:
    """Write telemetry of thirty executions, the last one out of order if asked."""
    lines = []
    for number in range(30):
        beats = EVENTS[::-1] if swapped and number == 29 else EVENTS
        for second, (handler, beat, event, duration) in enumerate(beats):
            line = {
                "timestamp": f"2026-11-20T10:{number:02}:{second:02}Z",
                "event": event,
                "handler": handler,
                "sequence": "order",
                "execution": f"e{number}",
                "beat": beat,
                "duration_ms": duration,
            }
            lines.append(json.dumps(line))
    target = folder / "events.jsonl"
    target.write_text("\n".join(lines) + "\n")
    return target


def test_the_seventy_handlers_are_listed_with_kind_inputs_and_outputs() -> None:
    rows = as_json("handlers")
    assert len(rows) == 70
    assert len({row["sequence"] for row in rows}) == 7
    assert {row["kind"] for row in rows} == {"pure", "stage-crew"}
    assert all(row["inputs"] and row["outputs"] and row["summary"] for row in rows)


def test_the_seven_sequences_are_listed_in_order() -> None:
    rows = as_json("sequences")
    names = [row["id"] for row in rows]
    assert (names[0], names[-1], len(names)) == ("telemetry.parse", "learning.track", 7)


@pytest.mark.parametrize("command", ["rules", "detectors", "strategies"])
def test_units_are_listed(command: str, tmp_path: Path) -> None:
    more = ["--state", str(tmp_path)] if command == "strategies" else []
    rows = as_json(command, *more)
    assert len(rows) >= 7
    assert all(row["name"] and row["summary"] for row in rows)


@pytest.mark.parametrize("command", ["handlers", "sequences", "rules", "detectors"])
def test_lists_are_tables_for_people(command: str) -> None:
    result = run(command)
    assert result.exit_code == 0
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) >= 7


def test_telemetry_adds_up(tmp_path: Path) -> None:
    metrics = as_json("telemetry", str(events(tmp_path)), "--state", str(tmp_path / "s"))
    assert metrics["handlers"]["load"]["count"] == 30
    assert metrics["handlers"]["load"]["avgTime"] == pytest.approx(10.0)
    assert metrics["sequences"]["order"]["beats"] == ["load", "save"]
    table = run("telemetry", str(tmp_path / "events.jsonl"), "--state", str(tmp_path / "s"))
    assert "load" in table.stderr


def test_detect_prints_where_the_order_diverged(tmp_path: Path) -> None:
    declared = tmp_path / "sequences"
    declared.mkdir()
    (declared / "order.json").write_text(json.dumps(SEQUENCE))
    file = events(tmp_path, swapped=True)
    found = as_json("detect", str(file), "--sequences", str(declared), "--state", str(tmp_path / "s"))
    behavioral = [one for one in found["anomalies"] if one["type"] == "behavioral"]
    assert len(behavioral) == 1
    assert behavioral[0]["sequence"] == "order"
    assert found["not_checked"]
    told = run("detect", str(file), "--sequences", str(declared), "--state", str(tmp_path / "s")).stderr
    assert "behavioral" in told


def test_diagnose_names_the_failing_test(tmp_path: Path) -> None:
    log = tmp_path / "ci.log"
    log.write_text("FAILED tests/test_a.py::test_x - ValueError: no\n====== 1 failed, 3 passed in 0.12s ======\n")
    target = tmp_path / "out.json"
    result = run("diagnose", str(log), "--json", str(target))
    found = json.loads(target.read_text())
    assert (result.exit_code, found["verdict"]) == (0, "failed")
    assert found["failures"][0]["test_id"] == "tests/test_a.py::test_x"
    assert found["failures"][0]["class"] == "test-failure"
    assert "test_x" in result.stderr


def test_a_log_that_is_not_there_is_refused(tmp_path: Path) -> None:
    result = run("diagnose", str(tmp_path / "no.log"), "--json", "-")
    assert result.exit_code == 2
    assert "does not exist" in result.stderr
    assert result.stdout == ""


def test_doctor_checks_this_machine(tmp_path: Path) -> None:
    result = run("doctor", "--state", str(tmp_path / "s"), "--json", "-")
    rows = {row["name"]: row for row in json.loads(result.stdout)}
    assert rows["database"]["ok"]
    assert rows["git"]["ok"]
    assert rows["sequences"]["seen"] == "7 sequences, 70 handlers"
    assert result.exit_code == (0 if all(row["ok"] for row in rows.values()) else 1)


def test_doctor_fails_on_a_state_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "selfheal.sqlite3").write_text("this is no database, it only looks like a file of one" * 100)
    result = run("doctor", "--state", str(tmp_path))
    assert result.exit_code == 1
    assert "FAIL" in result.stderr


def test_what_is_unknown_is_not_explained(tmp_path: Path) -> None:
    assert run("doctor", "--state", str(tmp_path)).exit_code == 0
    result = run("explain", "nothing", "--state", str(tmp_path))
    assert result.exit_code == 2
    assert "nothing is known of 'nothing'" in result.stderr


def test_a_strategy_is_explained(tmp_path: Path) -> None:
    run("doctor", "--state", str(tmp_path))
    assert "search" in as_json("explain", "search", "--state", str(tmp_path))["story"][0]


def test_nothing_can_be_approved_where_nothing_was_delivered(tmp_path: Path) -> None:
    result = run("approve", "1", "--state", str(tmp_path))
    assert result.exit_code == 2
    assert "nothing was delivered" in result.stderr


def test_an_unknown_command_is_bad_usage() -> None:
    result = CliRunner().invoke(program, ["heel"])
    assert result.exit_code == 2


def python(*arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
    """Run the program as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments], capture_output=True, text=True, check=False, timeout=60, **more
    )


def test_the_overview_names_every_command() -> None:
    result = python("--help")
    assert result.returncode == 0
    assert all(name in result.stdout for name in cli.COMMANDS)
    assert python().stdout == result.stdout
    assert run("--help").stdout == result.stdout


def test_the_overview_imports_no_command_line_library() -> None:
    code = (
        "import sys; sys.argv = ['selfheal', '--help']; from bot.cli import main; main(); print('click' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.endswith("False\n")


def test_a_closed_pipe_ends_quietly() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "handlers", "--json", "-"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    told = process.stderr.read()
    process.wait(timeout=60)
    process.stderr.close()
    assert b"Traceback" not in told


def test_an_interrupt_ends_with_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(**_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sys, "argv", ["selfheal", "doctor"])
    monkeypatch.setattr("bot.commands.program.program", interrupted)
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 130
    assert "interrupted" in capsys.readouterr().err


def test_main_prints_the_overview(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["selfheal"])
    cli.main()
    assert capsys.readouterr().out.startswith("Usage: selfheal")


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(os.environ, "SELFHEAL_STATE", str(tmp_path))
    assert cli.settings_for(None).state == tmp_path
    assert cli.settings_for("other").state.name == "other"
