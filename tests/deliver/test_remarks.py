"""What checks remark on lines: causes, rules that refuse, mistakes in the policy."""

from __future__ import annotations

from bot import remarks
from bot.model import (
    AssessedDiagnosis,
    CodebaseInfo,
    Decision,
    DiagnosisSet,
    FixRecommendation,
    PullRequestFacts,
    RuleResult,
)
from bot.policy import problems
from tests import make

SECRET = "ghp_" + "a1B2" * 9


def found(**over: object) -> DiagnosisSet:
    """Return a set with one cause."""
    info = CodebaseInfo.model_construct()
    assessed = AssessedDiagnosis(diagnosis=make.diagnosis(**over), severity="high", impact=1, effort=1, benefit=1)
    fix = FixRecommendation.model_construct(id="r", assessed=assessed)
    return DiagnosisSet.model_construct(recommendations=(fix,), anomalies=(make.anomaly(),), codebase=info)


def test_a_cause_is_remarked_where_it_is() -> None:
    failing = make.failure(message=f"assert {SECRET}")
    (note,) = remarks.of_causes(found(failures=(failing,)))
    assert (note.path, note.line, note.level, note.title) == ("pkg/a.py", 2, "warning", "error: test-failure")
    assert note.message.startswith("a test fails\n\nE       assert 1 == 2")
    assert SECRET not in note.message
    assert remarks.of_causes(found(file="")) == ()


def test_a_cause_without_words_says_its_pattern() -> None:
    assert remarks.cause(make.diagnosis(line=0), None).message == "test-failure"
    assert remarks.cause(make.diagnosis(line=0), None).line == 1


def test_rules_that_refuse_are_remarked_beside_the_cause() -> None:
    answers = [
        RuleResult(rule=rule, allows=False, stage=stage, seen="a lot", wanted="less", unblock="Ann can.")
        for rule, stage in (("size", "open"), ("approvals", "merge"))
    ]
    decision = Decision(may_open=False, may_merge=False, blocking=tuple(answers))
    facts = PullRequestFacts(patch=make.patch(), proven=True, diagnosis=make.diagnosis())
    assert [one.title for one in remarks.of_rules(facts, decision)] == ["error: test-failure", "rule size"]
    bare = remarks.of_rules(facts.model_copy(update={"diagnosis": None}), decision)
    assert [(one.path, one.line, one.message) for one in bare] == [
        (facts.patch.files[0], 1, "Seen: a lot. Wanted: less. Ann can.")
    ]


def test_mistakes_in_the_policy_are_remarked_on_their_lines() -> None:
    own, shared = remarks.of_policy(problems("version: 1\nmodus: auto\n", defaults="x: 1\n"))
    assert (own.path, own.line, own.level) == (".github/selfheal.yml", 2, "failure")
    assert (shared.line, "organisation" in shared.message) == (1, True)


def test_what_is_only_observed_says_why_and_what() -> None:
    said = remarks.observed(found(), "")
    assert "the mode is `observe`" in said
    assert "`pkg/a.py:2`" in said
    assert "No cause was found" in remarks.observed(None, "line 1: modus")
    assert "modus" in remarks.observed(None, "line 1: modus")
