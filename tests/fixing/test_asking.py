"""The model is asked last, and its answer is a draft like any other: tried on the failing test before it is offered."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from bot.adapters.advisor import Replayed, key_of
from bot.adapters.sandbox_trusted import Trusted
from bot.codebase import Codebase
from bot.fixing.asking import question, spelt
from bot.fixing.drafts import Bench, drafts
from bot.model import Check, CodebaseInfo, Diagnosis, Draft
from bot.policy import RepoPolicy
from tests import make

CODE = "def net(total, rate):\n    return total + rate\n"
FAST = "[pytest]\naddopts = -p no:hypothesispytest -p no:pytest_cov -p no:timeout -p no:anyio\n"
TEST = "from a import net\n\n\ndef test_net():\n    assert net(3, 1) == 2\n"
FAILING = make.diagnosis(file="a.py", function="net", line=2, failing_tests=("test_a.py::test_net",))


class Quiet:
    """Keeps the story to itself."""

    def say(self, text: str) -> None: ...

    def advance(self, task: str, done: int, total: int | None = None) -> None: ...


@pytest.fixture
def codebase(tmp_path: Path) -> Codebase:
    """Return a project with one fault."""
    files = {"a.py": CODE, "test_a.py": TEST, "pytest.ini": FAST}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    check = Check(name="pytest", kind="test", tool="pytest", argv=("python", "-m", "pytest"), runner="pytest")
    info = CodebaseInfo(
        repository="o/n", checkout="", tree=str(tmp_path), digest="d", environment=sys.prefix, checks=(check,)
    )
    return Codebase(info, files)


def asked(codebase: Codebase, folder: Path, changes: list[dict[str, str]], diagnosis: Diagnosis = FAILING) -> Draft:
    """Return the draft that a recorded answer gives."""
    one = question(diagnosis, codebase)
    answer = {"title": "Subtract\nthe rate", "why": "Net is less.", "changes": changes}
    transcript = folder / "asked.jsonl"
    transcript.write_text(json.dumps({"key": key_of(one, spelt(one)), "answer": answer}) + "\n")
    bench = Bench(codebase, Trusted(), Quiet(), RepoPolicy(), advisor=Replayed(transcript))
    (made,) = drafts(["model"], diagnosis, bench)
    return made


def test_an_answer_that_helps_is_offered_for_review(codebase: Codebase, tmp_path: Path) -> None:
    made = asked(codebase, tmp_path, [{"path": "a.py", "old": "total + rate", "new": "total - rate"}])
    assert (made.trust, made.title, made.edits[0].text) == ("review", "Subtract the rate", CODE.replace("+", "-"))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ([{"path": "a.py", "old": "total + rate", "new": "rate - total"}], "the failing tests still fail with it"),
        ([{"path": "test_a.py", "old": "== 2", "new": "== 4"}], "which it was not shown"),
        ([], "the model is not sure of any change"),
    ],
)
def test_an_answer_that_does_not_help_is_told(
    codebase: Codebase, tmp_path: Path, changes: list[dict[str, str]], why: str
) -> None:
    made = asked(codebase, tmp_path, changes)
    assert made.edits == ()
    assert why in made.why


def test_without_a_failing_test_the_proof_decides(codebase: Codebase, tmp_path: Path) -> None:
    slow = make.diagnosis(type="performance", pattern="slow", file="a.py", function="net", line=2)
    made = asked(codebase, tmp_path, [{"path": "a.py", "old": "total + rate", "new": "rate + total"}], slow)
    assert made.edits


def test_without_a_model_nothing_is_asked(codebase: Codebase) -> None:
    assert list(drafts(["model"], FAILING, Bench(codebase, Trusted(), Quiet(), RepoPolicy()))) == []
