"""A small world for delivery tests: a real checkout, a real store, a real local forge and a proven fix."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.adapters.clock import ManualClock
from bot.adapters.forge_local import LocalForge
from bot.adapters.memory import MemoryStore
from bot.codebase.changes import diff
from bot.model import (
    Anomaly,
    AssessedDiagnosis,
    CheckRecord,
    CodebaseInfo,
    DiagnosisSet,
    Evidence,
    FileEdit,
    FixRecommendation,
    Patch,
    PatchSet,
    Request,
    Run,
    ValidationResult,
    Value,
    Waiting,
)
from bot.policy import RepoPolicy, load
from bot.ports import Store
from bot.stages import deployment, learning
from tests import make

BROKEN = "def total(a, b):\n    return a - b\n"
FIXED = "def total(a, b):\n    return a + b\n"
TEST = "from pkg.a import total\n\n\ndef test_total():\n    assert total(1, 2) == 3\n"
BEFORE = {"pkg/__init__.py": "", "pkg/a.py": BROKEN, "tests/test_a.py": TEST}


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder as a person and return what it prints."""
    who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", "-C", str(folder), *who, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def checkout(folder: Path, **files: str) -> Path:
    """Return a checkout with one commit; keyword `a_b__c` would be awkward, so files come as a mapping."""
    folder.mkdir(parents=True)
    git(folder, "init", "-q")
    write(folder, {"pkg/__init__.py": "", "pkg/a.py": BROKEN, "tests/test_a.py": TEST, **files})
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "first")
    return folder


def write(folder: Path, files: dict[str, str]) -> None:
    """Write files below a folder."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def run(**over: Any) -> Run:
    """Return a run of the tests that passed."""
    fields: dict[str, Any] = {
        "command": "python -m pytest",
        "exit_code": 0,
        "seconds": 0.5,
        "digest": "d" * 64,
        "sandbox": "bubblewrap",
        "outcomes": {"tests/test_a.py::test_total": "passed"},
    }
    return Run(**{**fields, **over})


def patch(**over: Any) -> Patch:
    """Return the fix of `total`."""
    fields: dict[str, Any] = {
        "id": "0a1b2c3d4e5f",
        "edits": (FileEdit(path="pkg/a.py", text=FIXED),),
        "trust": "auto",
        "strategy": "operator",
        "title": "Add instead of subtract in total",
        "why": "the test expects the sum",
    }
    made = make.patch(**{**fields, **over})
    after = {edit.path: edit.text for edit in made.edits}
    before = {path: BEFORE.get(path) for path in after}
    return made if "diff" in over else made.model_copy(update={"diff": diff(before, after)})


def validation(fix: Patch, patch_record: str, **over: Any) -> ValidationResult:
    """Return the proof of a fix: red before, green after."""
    red = run(exit_code=1, outcomes={"tests/test_a.py::test_total": "failed"})
    record = CheckRecord(name="fails before", passed=True, seen="1 failed", wanted="at least 1 failed")
    evidence = Evidence(before=(red,), after=(run(), run()), checks=(record,), sandbox="bubblewrap")
    fields: dict[str, Any] = {
        "id": "v1",
        "subject": "rec-1",
        "proven": True,
        "patch": fix,
        "evidence": evidence,
        "patch_record": patch_record,
    }
    return ValidationResult(**{**fields, **over})


@dataclass
class World:
    """What a delivery needs, and how to play its two sequences."""

    store: MemoryStore
    forge: LocalForge
    clock: ManualClock
    policy: RepoPolicy
    record: str
    checkout: Path

    def deliver(self, request_id: str = "deploy-1") -> Any:
        """Play sequence 6 from its first beat and return the deployment, or what it waits for."""
        request = deployment.deploy_requested(
            Request(request_id=request_id, record_id=self.record, subject="rec-1", deadline=1e12), None
        )
        proof, facts = deployment.load_validation_results(request, self.policy, self.store, self.forge, self.clock)
        decision = deployment.check_approval(facts, self.policy)
        branch = deployment.create_branch(proof, facts, decision, self.forge)
        head = deployment.apply_changes(branch, proof, facts, self.forge)
        pull = deployment.create_pull_request(head, proof, facts, decision, self.policy, self.forge)
        summary = deployment.run_ci_checks(pull, facts, self.policy, self.forge, self.clock)
        if isinstance(summary, Waiting):
            return summary
        merge = deployment.auto_merge_pr(pull, summary, facts, self.policy, self.forge, self.clock)
        if isinstance(merge, Waiting):
            return merge
        rollout = deployment.deploy_to_production(merge, self.policy, self.forge)
        return deployment.verify_deployment(
            rollout, merge, pull, proof, facts, decision, request, self.policy, self.forge, self.store, self.clock
        )

    def learn(self, record: str, request_id: str = "track-1") -> Any:
        """Play sequence 7 and return the lesson, or what it waits for."""
        request = learning.track_requested(Request(request_id=request_id, record_id=record, deadline=1e12), None)
        story, before, records = learning.load_deployment_info(request, self.store)
        after = learning.collect_post_deployment_metrics(story, self.store, self.clock)
        if isinstance(after, Waiting):
            return after
        comparison = learning.compare_metrics(story, before, after)
        improvement = learning.calculate_improvement(comparison)
        effectiveness = learning.assess_success(story, comparison, improvement)
        updated = learning.update_learning_models(effectiveness, records)
        insights = learning.generate_insights(effectiveness, updated, records)
        stored = learning.store_effectiveness(effectiveness, updated, insights, request, self.store)
        return stored.record_id


def proven(store: Store, fix: Patch, *, anomaly: Anomaly | None = None, repository: str = "o/n", **over: Any) -> str:
    """Store a diagnosis, a patch and its proof, and return the proof's record id."""
    found = anomaly or make.anomaly(id=fix.anomaly_id, handler="total", description="total is wrong")
    cause = make.diagnosis(anomaly_id=fix.anomaly_id, function="total", failures=found.failures)
    assessed = AssessedDiagnosis(diagnosis=cause, severity="high", impact=0.5, effort=0.1, benefit=0.5)
    values: tuple[Value, str]
    diagnoses = DiagnosisSet(
        recommendations=(FixRecommendation(id="rec-1", assessed=assessed, code=("operator",)),),
        anomalies=(found,),
        codebase=CodebaseInfo(repository=repository, checkout="", tree="", digest=""),
        repository=repository,
    )
    values = PatchSet(subject="rec-1", patches=(fix,), diagnosis_record=store.save(diagnoses, kind="diagnosis")), ""
    return store.save(validation(fix, store.save(values[0], kind="patches"), **over), kind="validation")


def world(folder: Path, *, policy: str = "", fix: Patch | None = None, **over: Any) -> World:
    """Return a world around one proven fix."""
    clock = ManualClock()
    store = MemoryStore(now=clock.now)
    where = folder / "checkout"
    here = where if where.exists() else checkout(where)
    forge = LocalForge.create(folder / "forge", here, clock)
    record = proven(store, fix or patch(), **over)
    return World(store=store, forge=forge, clock=clock, policy=load(policy), record=record, checkout=here)
