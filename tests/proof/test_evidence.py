"""Evidence as JSON with its schema, and as tables for people."""

from __future__ import annotations

import json

from bot.model import CheckRecord, Evidence, Run, Trial
from bot.proof.evidence import evidence_of, refusal_of, result_id, runs_table, schema, table, told
from tests import make

RUN = Run(
    command="pytest -q", exit_code=0, seconds=1.234, digest="d" * 64, sandbox="bubblewrap", outcomes={"t": "passed"}
)
GOOD = CheckRecord(name="whole suite", passed=True, seen="1 of 1 pass", wanted="none worse", runs=(RUN,))
BAD = CheckRecord(name="lint", passed=False, seen="new: `x` | @team\n<b>", wanted="none")
EVIDENCE = Evidence(before=(RUN,), after=(RUN,), checks=(GOOD, BAD), not_checked=("docs: none",), sandbox="bubblewrap")


def test_the_table_escapes_what_strangers_wrote():
    said = table(EVIDENCE)
    assert "| whole suite | passed | 1 of 1 pass | none worse |" in said
    assert "@team" not in said
    assert "<b>" not in said
    assert "\\| " in said
    assert "Not checked: docs: none." in said
    assert said.endswith("Sandbox: bubblewrap. Runs: 1 before, 1 after.")
    assert "Not checked" not in table(Evidence())


def test_runs_are_listed_with_their_outcomes():
    stopped = RUN.model_copy(update={"exit_code": None, "outcomes": {}})
    said = runs_table((RUN, stopped))
    assert "| pytest -q | 0 | 1.23 | 1 passed | dddddddddddd |" in said
    assert "| stopped | 1.23 | none |" in said


def test_the_schema_describes_the_evidence():
    made = schema()
    assert made["title"] == "Evidence of one fix"
    assert set(json.loads(EVIDENCE.as_json())) <= set(made["properties"])
    assert set(made["$defs"]["Run"]["properties"]) == {
        "command",
        "exit_code",
        "seconds",
        "digest",
        "sandbox",
        "outcomes",
    }


def test_what_is_told_of_a_trial():
    trial = Trial(patch=make.patch(), records=(GOOD, BAD), before=(RUN,), not_checked=("a", "a"))
    assert refusal_of(trial).startswith("search: lint: new")
    assert refusal_of(Trial(patch=make.patch())) == ""
    evidence = evidence_of(trial)
    assert evidence.not_checked == ("a",)
    assert evidence.sandbox == "bubblewrap"
    assert result_id("c", evidence, "p") == result_id("c", evidence, "p") != result_id("c", evidence, "q")


def test_the_story_line():
    from bot.model import ValidationResult

    assert told(ValidationResult(id="1", subject="c", proven=False)).endswith("there was none to prove")
    proven = ValidationResult(id="1", subject="c", proven=True, patch=make.patch(), evidence=EVIDENCE)
    assert told(proven) == "proven: Use <= in f (2 checks passed)"
