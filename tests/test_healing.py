"""What is done with what each cause comes to: fixes at once, guesses when nothing better is there."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.adapters.git import GitSource
from bot.adapters.memory import MemoryStore
from bot.app import Silent
from bot.healed import Fixed, Seen, Wish
from bot.healing import Healer
from bot.model import (
    AssessedDiagnosis,
    Check,
    CheckRecord,
    CodebaseInfo,
    Diagnosis,
    DiagnosisSet,
    FileEdit,
    FixRecommendation,
    Run,
    Start,
    ValidationResult,
)
from tests import make

NOWHERE = CodebaseInfo(repository="o/n", checkout="", tree="", digest="")
TEXTS = {"a.py": "one = 0\n", "b.py": "two = 0\n"}


class Scripted(Healer):
    """A healer to whom the search and the proof are a table: what they come to for each subject."""

    found: dict[str, Fixed]
    deadlines: dict[str, float]

    def attempt(self, seen: Seen, start: Start, deadline: float) -> Fixed:
        self.tried[start.subject] = self.tried.get(start.subject, 0) + 1
        self.deadlines = {**getattr(self, "deadlines", {}), start.subject: deadline}
        return self.found[start.subject]


def fixed(subject: str, file: str, *, guess: bool) -> Fixed:
    edits = (FileEdit(path=file, text=TEXTS[file].replace("0", "1")),)
    patch = make.patch(edits=edits, abstained=guess, files=(file,))
    return Fixed(recommended(subject), None, ValidationResult(id=subject, subject=subject, proven=True, patch=patch))


def recommended(subject: str) -> FixRecommendation:
    found: Diagnosis = make.diagnosis(anomaly_id=subject, function=subject)
    assessed = AssessedDiagnosis(diagnosis=found, severity="low", impact=0.1, effort=0.1, benefit=0.1)
    return FixRecommendation(id=subject, assessed=assessed)


@pytest.fixture
def healer(tmp_path: Path) -> Scripted:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    for name, text in TEXTS.items():
        (checkout / name).write_text(text)
    subprocess.run(["git", "init", "-q"], cwd=checkout, check=True)
    clock: Any = SimpleNamespace(stage=SimpleNamespace(now=lambda: 0.0), store=MemoryStore())
    wish = Wish(id="w", checkout=checkout, repository="o/n", budget_seconds=1.0)
    return Scripted(wish, clock, GitSource(), Silent())


def seen(*subjects: str) -> Seen:
    anomalies = tuple(make.anomaly(id=one, failures=(make.failure(),)) for one in subjects)
    found = DiagnosisSet(recommendations=tuple(map(recommended, subjects)), codebase=NOWHERE)
    starts = tuple(Start(event="generate.fix.requested", request_id=one, record_id="", subject=one) for one in subjects)
    return Seen(make.metrics(), anomalies, found, starts)


def test_a_guess_waits_for_the_next_look_when_a_fix_was_applied(healer: Scripted) -> None:
    healer.found = {"guess": fixed("guess", "a.py", guess=True), "sure": fixed("sure", "b.py", guess=False)}
    assert healer.repair(seen("guess", "sure"))
    assert [one.recommendation.id for one in healer.report.fixes] == ["sure"]
    assert healer.report.edits == {"b.py": "two = 1\n"}
    assert healer.tried == {"guess": 0, "sure": 1}
    assert healer.report.reasons == []


def test_a_guess_is_taken_when_there_is_nothing_better(healer: Scripted) -> None:
    healer.found = {"guess": fixed("guess", "a.py", guess=True)}
    assert healer.repair(seen("guess"))
    assert healer.report.edits == {"a.py": "one = 1\n"}


def test_a_guess_that_is_left_out_at_the_end_of_the_time_is_told(healer: Scripted) -> None:
    healer.found = {"guess": fixed("guess", "a.py", guess=True), "sure": fixed("sure", "b.py", guess=False)}
    times = iter([0.0] * 5)
    healer.now = lambda: next(times, 2.0)
    assert healer.repair(seen("guess", "sure"))
    assert healer.report.reasons == ["guess: a guess is left out, give more time to see whether it is needed"]


def failing(look: Seen, **tests: tuple[str, ...]) -> Seen:
    """Return a look whose causes have these failing tests."""
    assert look.diagnosis is not None
    changed = []
    for one in look.diagnosis.recommendations:
        cause = one.assessed.diagnosis.model_copy(update={"failing_tests": tests.get(one.id, ())})
        changed.append(one.model_copy(update={"assessed": one.assessed.model_copy(update={"diagnosis": cause})}))
    return replace(look, diagnosis=look.diagnosis.model_copy(update={"recommendations": tuple(changed)}))


def test_a_cause_that_a_search_may_have_to_be_made_for_gets_more_time(healer: Scripted) -> None:
    healer.deadline = 300.0
    healer.found = {one: Fixed(recommended(one), None, None) for one in ("shown", "told")}
    assert not healer.repair(failing(seen("shown", "told"), shown=("test_a.py::test_it",)))
    assert healer.deadlines == {"shown": 240.0, "told": 300.0}


def test_a_cause_whose_tests_pass_with_the_fix_of_another_is_left_to_the_next_look(healer: Scripted) -> None:
    first = fixed("first", "a.py", guess=False)
    assert first.result is not None
    proof = first.result.evidence.model_copy(update={"facts": {"healed": ["t::a", "t::b"]}})
    first = replace(first, result=first.result.model_copy(update={"evidence": proof}))
    healer.found = {
        "first": first,
        "same": fixed("same", "b.py", guess=False),
        "other": fixed("other", "b.py", guess=False),
    }
    assert healer.repair(
        failing(seen("first", "same", "other"), first=("t::a",), same=("t::b",), other=("t::b", "t::c"))
    )
    assert sorted(healer.deadlines) == ["first", "other"]


def test_a_finding_that_is_gone_with_the_fix_of_another_is_left_to_the_next_look(healer: Scripted) -> None:
    first = fixed("first", "a.py", guess=False)
    assert first.result is not None
    run = Run(command="flake8 .", exit_code=0, seconds=0.0, digest="", sandbox="")
    found = Run(command="mypy .", exit_code=1, seconds=0.0, digest="", sandbox="")
    records = tuple(
        CheckRecord(name=one.command.split()[0], passed=True, seen="", wanted="", why="", runs=(one,))
        for one in (run, found)
    )
    proof = first.result.evidence.model_copy(update={"checks": records})
    healer.found = {
        "first": replace(first, result=first.result.model_copy(update={"evidence": proof})),
        "same": fixed("same", "b.py", guess=False),
        "other": fixed("other", "b.py", guess=False),
    }
    look = seen("first", "same", "other")
    assert look.diagnosis is not None
    tools = {"same": {"class": "lint", "tool": "flake8"}, "other": {"class": "type", "tool": "mypy"}}
    changed = []
    for one in failing(look).diagnosis.recommendations:  # type: ignore[union-attr]
        cause = one.assessed.diagnosis.model_copy(update={"details": tools.get(one.id, {})})
        changed.append(one.model_copy(update={"assessed": one.assessed.model_copy(update={"diagnosis": cause})}))
    diagnosis = look.diagnosis.model_copy(update={"recommendations": tuple(changed)})
    assert healer.repair(replace(failing(look), diagnosis=diagnosis))
    assert sorted(healer.deadlines) == ["first", "other"]


PYTEST = Check(name="pytest", kind="test", tool="pytest", argv=("python", "-m", "pytest"), runner="pytest")
FLAKE8 = Check(name="flake8", kind="lint", tool="flake8", argv=("flake8", "."))
SPHINX = Check(name="sphinx", kind="docs", tool="sphinx", argv=("sphinx-build", "docs", "site"))


@pytest.mark.parametrize(
    ("checks", "ran", "page", "pages", "clean"),
    [
        ((PYTEST, FLAKE8), {"whole suite": 0, "flake8": 0}, False, False, True),
        ((PYTEST, FLAKE8), {"whole suite": 0, "flake8": 1}, False, False, False),
        ((PYTEST, FLAKE8), {"whole suite": 0}, False, False, False),
        ((FLAKE8,), {"flake8": 0}, False, False, False),
        ((PYTEST, SPHINX), {"whole suite": 0}, False, False, True),
        ((PYTEST, SPHINX), {"whole suite": 0}, True, False, False),
        ((PYTEST, SPHINX), {"whole suite": 0}, False, True, False),
        ((PYTEST, SPHINX), {"whole suite": 0, "sphinx": 0}, True, True, True),
    ],
)
def test_a_proof_that_ran_every_check_makes_another_look_needless(
    checks: tuple[Check, ...], ran: dict[str, int], page: bool, pages: bool, clean: bool
) -> None:
    one = fixed("one", "a.py", guess=False)
    assert one.result is not None
    assert one.result.patch is not None
    records = tuple(
        CheckRecord(name=name, passed=True, seen="", wanted="", why="",
                    runs=(Run(command=name, exit_code=code, seconds=0.0, digest="", sandbox=""),))
        for name, code in ran.items()
    )  # fmt: skip
    patch = one.result.patch.model_copy(update={"files": ("a.py", "README.rst") if page else ("a.py",)})
    proof = one.result.evidence.model_copy(update={"checks": records})
    one = replace(one, result=one.result.model_copy(update={"evidence": proof, "patch": patch}))
    assert one.ran_clean(checks, pages=pages) is clean
