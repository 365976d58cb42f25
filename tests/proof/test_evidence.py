"""Evidence as JSON with its schema, and in a line."""

from __future__ import annotations

import json

from bot.model import CheckRecord, Evidence, Run, Trial
from bot.proof.evidence import evidence_of, refusal_of, result_id, schema, told
from tests import make

RUN = Run(
    command="pytest -q", exit_code=0, seconds=1.234, digest="d" * 64, sandbox="bubblewrap", outcomes={"t": "passed"}
)
GOOD = CheckRecord(name="whole suite", passed=True, seen="1 of 1 pass", wanted="none worse", runs=(RUN,))
BAD = CheckRecord(name="lint", passed=False, seen="new: `x` | @team\n<b>", wanted="none")
EVIDENCE = Evidence(before=(RUN,), after=(RUN,), checks=(GOOD, BAD), not_checked=("docs: none",), sandbox="bubblewrap")


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
