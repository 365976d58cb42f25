"""What a person reads after a healing: a fix that others rival is called a guess, and says what tells them apart."""

from __future__ import annotations

from bot import report
from bot.healed import Fixed, Report
from bot.model import AssessedDiagnosis, FixRecommendation, ValidationResult
from tests import make

ASSESSED = AssessedDiagnosis(diagnosis=make.diagnosis(), severity="low", impact=0.1, effort=0.1, benefit=0.1)


def told(**over: object) -> list[str]:
    """Return the story of a healing with one proven patch."""
    result = ValidationResult(id="v1", subject="r1", proven=True, patch=make.patch(**over))
    fixed = Fixed(FixRecommendation(id="r1", assessed=ASSESSED), None, result)
    return report.story(Report(status="healed", fixes=[fixed], checks=("pytest",)))


def test_a_fix_is_told_with_its_trust_and_reason() -> None:
    assert told() == [
        "check  pytest",
        "fixed  Use <= in f (search, trust review, confidence 0.90)",
        "       why: the comparison excludes the bound",
        "Healed: 1 proven fix, all checks pass.",
    ]


def test_a_fix_that_others_rival_is_left_to_a_person() -> None:
    lines = told(abstained=True, alternatives=1, told_apart_by="f(1, 1)", runner_up="-a\n+b\n")
    assert lines[1].startswith("guess  Use <= in f")
    assert "behave differently" in lines[3]
    assert lines[4:7] == ["       told apart by: f(1, 1)", "       next best  -a", "       next best  +b"]
    assert lines[-1] == "Healed: 1 proven fix (1 for you to choose: see above), all checks pass."


def test_a_rival_of_which_nothing_is_known_is_still_told() -> None:
    lines = told(abstained=True)
    assert len(lines) == 5
    assert "choose" in lines[3]
