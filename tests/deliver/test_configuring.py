"""`config`: a policy file is checked, described and tried on what was proven."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.adapters.store import open_store
from bot.commands.program import program
from bot.configuring import simulated, validated
from bot.errors import Misconfigured
from tests.deliver.world import patch, proven, world


def test_a_file_is_right_or_every_problem_is_told() -> None:
    assert validated("mode: auto").problems == ()
    told = validated("mode: x\ntrust: y\n", name="p.yml")
    assert told.problems[0].startswith("p.yml:1: mode: must be")
    assert len(told.problems) == 2


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("", "would open a pull request and merge it once a person approves"),
        ("mode: auto", "would open a pull request and merge it by itself"),
        ("mode: observe", "would not open a pull request"),
        ("labels: {require: [ready]}", "would open a pull request and wait for more"),
        ("mode: auto\nmin_age_minutes: 5", "would open a pull request and merge it by itself"),
    ],
)
def test_a_policy_is_tried_on_proven_fixes(tmp_path: Path, text: str, verdict: str) -> None:
    here = world(tmp_path)
    found = simulated(text, here.store, now=here.clock.now())
    assert [each.verdict for each in found] == [verdict]
    assert bool(found[0].blocking) == ("not" in verdict or "more" in verdict)
    proven(here.store, patch(), proven=False, id="v2")
    assert len(simulated(text, here.store, now=here.clock.now())) == 1
    with pytest.raises(Misconfigured, match="mode"):
        simulated("mode: x", here.store)


def test_the_commands(tmp_path: Path) -> None:
    run = CliRunner()
    policy = tmp_path / ".github" / "selfheal.yml"
    policy.parent.mkdir()
    policy.write_text("mode: auto\n")
    assert run.invoke(program, ["config", "validate", str(tmp_path)]).exit_code == 0
    given = run.invoke(program, ["config", "schema"])
    assert json.loads(given.stdout)["properties"]["mode"]["default"] == "propose"
    state = tmp_path / "state"
    store = open_store(f"sqlite:///{state / 'selfheal.sqlite3'}", state)
    store.close()
    asked = ["config", "simulate", str(policy), "--state", str(state), "--json", "-"]
    assert json.loads(run.invoke(program, asked).stdout) == []
    store = open_store(f"sqlite:///{state / 'selfheal.sqlite3'}", state)
    proven(store, patch())  # type: ignore[arg-type]
    store.close()
    assert json.loads(run.invoke(program, asked).stdout)[0]["verdict"].endswith("merge it by itself")
    policy.write_text("mode: observe\n")
    assert "mode" in json.loads(run.invoke(program, asked).stdout)[0]["blocking"][0]


def test_bad_files_end_with_2(tmp_path: Path) -> None:
    run = CliRunner()
    broken = tmp_path / "p.yml"
    broken.write_text("mode: x\n")
    shared = tmp_path / "shared.yml"
    shared.write_text("trust: y\n")
    told = run.invoke(program, ["config", "validate", str(broken), "--defaults", str(shared)])
    assert told.exit_code == 2
    assert "p.yml" not in told.stdout
    assert run.invoke(program, ["config", "validate", str(tmp_path / "none.yml")]).exit_code == 2
    broken.write_bytes(b"\xff\xfe")
    assert run.invoke(program, ["config", "validate", str(broken)]).exit_code == 2
