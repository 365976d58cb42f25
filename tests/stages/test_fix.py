"""Sequence 4 handler by handler: the normal case, the edge, the error."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.clock import ManualClock
from bot.adapters.memory import MemoryStore
from bot.adapters.sandbox_trusted import Trusted
from bot.codebase import Codebase, of
from bot.errors import Declined, Misconfigured
from bot.fixing.asking import SILENT
from bot.model import (
    AssessedDiagnosis,
    Check,
    CodebaseInfo,
    DiagnosisSet,
    Draft,
    FileEdit,
    FixRecommendation,
    FixRequest,
    Known,
    PatchSet,
    Stored,
)
from bot.policy import RepoPolicy, StrategyPolicy
from bot.stages import fix
from tests import make

BAD = "import os\n\n\ndef read(text):\n    return json.loads(text)\n"


class Quiet:
    """Progress that only remembers."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)

    def advance(self, task: str, done: int, total: int | None = None) -> None:
        self.said.append(f"{task} {done}/{total}")


@pytest.fixture
def store() -> Iterator[MemoryStore]:
    made = MemoryStore()
    yield made
    made.close()


def recommendation(
    *code: str, test: tuple[str, ...] = (), docs: tuple[str, ...] = (), **over: Any
) -> FixRecommendation:
    """Return a recommendation of strategies for an undefined name."""
    failure = make.failure(exception="NameError", message="name 'json' is not defined", file="a.py", line=5)
    diagnosis = make.diagnosis(**{"file": "a.py", "line": 5, "failures": (failure,), **over})
    assessed = AssessedDiagnosis(diagnosis=diagnosis, severity="high", impact=1, effort=0.1, benefit=1)
    return FixRecommendation(id="rec1", assessed=assessed, code=code)


def request(**over: Any) -> FixRequest:
    """Return an accepted request with a minute left."""
    return FixRequest(**{"request_id": "r", "record_id": "d", "subject": "rec1", "deadline": 60.0, **over})


def draft(text: str | None, **over: Any) -> Draft:
    """Return a draft that gives `a.py` a new text."""
    fields = {"strategy": "s", "trust": "auto", "title": "t", "why": "w", "confidence": 0.5}
    return Draft(**{**fields, "edits": (FileEdit(path="a.py", text=text),) if text is not None else (), **over})


def code_drafts(rec: FixRecommendation, codebase: Codebase, policy: RepoPolicy | None = None) -> tuple[Draft, ...]:
    """Return what `generate_code_fix` gives."""
    return fix.generate_code_fix(
        rec, codebase, request(), policy or RepoPolicy(), Trusted(), ManualClock(), Quiet(), SILENT
    )


def test_a_request_is_accepted_with_its_bounds() -> None:
    accepted = fix.generate_fix_requested(make.request(record_id="d", subject="c", seed=3, deadline=9.0), None)
    assert accepted == FixRequest(request_id="req-1", record_id="d", subject="c", seed=3, deadline=9.0)


def test_a_known_request_gives_its_stored_result() -> None:
    assert fix.generate_fix_requested(make.request(), Known(record_id="x")) == Known(record_id="x")


def test_an_empty_request_id_is_an_error() -> None:
    with pytest.raises(Misconfigured, match="Invalid request ID"):
        fix.generate_fix_requested(make.request(request_id=" "), None)


def stored_diagnosis(store: MemoryStore, tree: Path) -> str:
    """Return the id of a stored diagnosis with one cause."""
    info = CodebaseInfo(repository="o/n", checkout="", tree=str(tree), digest="d")
    return store.save(DiagnosisSet(recommendations=(recommendation(),), codebase=info), kind="diagnosis")


def test_the_cause_and_its_code_are_loaded(store: MemoryStore, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(BAD)
    record = stored_diagnosis(store, tmp_path)
    found, codebase = fix.load_diagnosis(request(record_id=record), store)
    assert found == recommendation()
    assert codebase.text("a.py") == BAD


def test_an_unknown_cause_is_an_error(store: MemoryStore, tmp_path: Path) -> None:
    record = stored_diagnosis(store, tmp_path)
    with pytest.raises(Misconfigured, match="holds no cause 'other'"):
        fix.load_diagnosis(request(record_id=record, subject="other"), store)


def test_strategies_run_in_order_and_only_those_allowed() -> None:
    rec = recommendation("misspelt_name", "missing_import", "missing_import", "no_such_strategy")
    (made,) = code_drafts(rec, of({"a.py": BAD}))
    assert (made.strategy, made.trust, made.edits[0].text) == ("missing_import", "auto", f"import json\n{BAD}")
    off = RepoPolicy(strategies=StrategyPolicy(off=("missing_import",)))
    assert code_drafts(rec, of({"a.py": BAD}), off) == ()


def test_the_policy_caps_trust() -> None:
    (made,) = code_drafts(recommendation("missing_import"), of({"a.py": BAD}), RepoPolicy(trust="review"))
    assert made.trust == "review"


def lint(code: str) -> FixRecommendation:
    """Return a recommendation to let ruff fix `a.py`."""
    failure = make.failure(**{"class": "lint"}, tool="ruff", code=code, file="a.py", line=1, exception=None)
    return recommendation("ruff_fix", details={"class": "lint", "tool": "ruff"}, failures=(failure,))


def on_disk(folder: Path, text: str) -> Codebase:
    """Return a codebase in a folder with one file."""
    (folder / "a.py").write_text(text)
    return Codebase(CodebaseInfo(repository="o/n", checkout="", tree=str(folder), digest="d"))


def test_a_command_runs_in_the_sandbox_and_its_changes_are_the_edits(tmp_path: Path) -> None:
    (made,) = code_drafts(lint("F401"), on_disk(tmp_path, "import os\nimport sys\n\nprint(sys.path)\n"))
    assert made.edits == (FileEdit(path="a.py", text="import sys\n\nprint(sys.path)\n"),)
    assert (tmp_path / "a.py").read_text().startswith("import os")


def test_a_command_without_effect_is_told(tmp_path: Path) -> None:
    (made,) = code_drafts(lint("E999"), on_disk(tmp_path, "x = 1\n"))
    assert made.edits == ()
    assert made.why == "`ruff check --fix --exit-zero -- a.py` changed nothing (All checks passed!)"


def patches(rec: FixRecommendation, *drafts: Draft, files: dict[str, str] | None = None) -> PatchSet:
    """Return the patches of drafts, sorted into code, test and docs by their kind."""
    code, test, docs = (tuple(d for d in drafts if d.kind == kind) for kind in ("code", "test", "docs"))
    return fix.create_patch(rec, of(files or {"a.py": BAD}), code, test, docs)


def test_a_patch_joins_code_test_and_docs_and_applies(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(BAD)
    made = patches(
        recommendation(),
        draft(f"import json\n{BAD}"),
        draft(None, kind="test", edits=(FileEdit(path="tests/test_a.py", text="def test_a(): pass\n"),)),
        draft(BAD + "# read\n", kind="docs"),
        draft("import other\n" + BAD, kind="docs"),
    )
    (patch,) = made.patches
    assert patch.kinds == {"a.py": "code", "tests/test_a.py": "test"}
    subprocess.run(["git", "apply", "-p1", "-"], input=patch.diff.encode(), cwd=tmp_path, check=True)
    assert (tmp_path / "a.py").read_text() == f"import json\n{BAD}# read\n"
    assert (tmp_path / "tests/test_a.py").exists()


def test_the_best_five_come_first_and_each_change_once() -> None:
    drafts = [draft(f"x = {n}\n", confidence=n / 10, strategy=f"s{n}") for n in (3, 9, 1, 5, 7, 2)]
    made = patches(recommendation(), *drafts, draft("x = 3\n", confidence=0.8), draft("x = 0\n", abstained=True))
    assert [patch.confidence for patch in made.patches] == [0.9, 0.8, 0.7, 0.5, 0.2]
    assert len({patch.id for patch in made.patches}) == 5


def test_without_code_the_tests_are_the_patch() -> None:
    made = patches(recommendation(), draft("x = 1\n", kind="test"), draft(None, why="nothing to do"))
    assert [patch.kinds for patch in made.patches] == [{"a.py": "test"}]
    assert made.tried == ("s: nothing to do",)


def test_a_draft_that_changes_nothing_is_no_patch() -> None:
    assert patches(recommendation(), draft(BAD)).patches == ()


def test_what_does_not_parse_is_dropped_and_told() -> None:
    made = patches(recommendation(), draft("def f(:\n", confidence=0.9), draft("x = 1\n"))
    valid = fix.validate_syntax(made, of({"a.py": BAD}))
    assert [patch.confidence for patch in valid.patches] == [0.5]
    assert valid.tried[0].startswith("s: a.py would not parse (")


def test_patches_are_stored_with_the_diagnosis_they_rest_on(store: MemoryStore) -> None:
    made = patches(recommendation(), draft("x = 1\n"))
    stored = fix.store_patch(made, request(record_id="diag"), store)
    kept = store.load(stored.record_id, PatchSet)
    assert (kept.diagnosis_record, kept.patches) == ("diag", made.patches)


def test_the_end_asks_for_the_proof() -> None:
    made = patches(recommendation(), draft("x = 1\n"), draft("x = 2\n", confidence=0.4))
    done = fix.generate_fix_completed(request(), Stored(stored=True, record_id="p"), made)
    assert done.summary == "2 candidate patches, best: t"
    assert [(s.event, s.record_id, s.subject) for s in done.starts] == [("validate.requested", "p", "rec1")]


def test_the_end_without_a_patch_says_what_was_tried() -> None:
    none = PatchSet(subject="rec1", patches=(), tried=("a: no", "b: neither"))
    with pytest.raises(Declined, match="no fix found: a: no; b: neither"):
        fix.generate_fix_completed(request(), Stored(stored=True, record_id="p"), none)
    with pytest.raises(Declined, match="no strategy applies"):
        fix.generate_fix_completed(request(), Stored(stored=True, record_id="p"), PatchSet(subject="r", patches=()))


def formatted(folder: Path, text: str) -> Codebase:
    """Return a codebase whose project formats with ruff."""
    (folder / "a.py").write_text(text)
    check = Check(name="f", kind="format", tool="ruff-format", argv=("ruff", "format", "--check", "."))
    return Codebase(CodebaseInfo(repository="o/n", checkout="", tree=str(folder), digest="d", checks=(check,)))


HEAD = "    return json_of_our.loads(text + "
LONG = f"def read(text, {'x' * 50}):\n{HEAD}{'x' * (87 - len(HEAD))})\n"  # 88 characters: one more is too long


def test_edits_are_laid_out_where_the_file_was_before(tmp_path: Path) -> None:
    clean = f"import json as json_of_ours\n\n\n{LONG}"
    failure = make.failure(exception="NameError", message="name 'json_of_our' is not defined", file="a.py", line=5)
    rec = recommendation("misspelt_name", failures=(failure,))
    (made,) = code_drafts(rec, formatted(tmp_path, clean))
    assert "json_of_ours.loads(" in (made.edits[0].text or "")
    assert max(map(len, (made.edits[0].text or "").splitlines())) <= 88


def test_files_that_were_never_laid_out_stay_so(tmp_path: Path) -> None:
    (made,) = code_drafts(recommendation("missing_import"), formatted(tmp_path, BAD.replace("text)", "text )")))
    assert "loads(text )" in (made.edits[0].text or "")
