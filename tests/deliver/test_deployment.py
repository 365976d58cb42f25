"""The eleven handlers of deployment, on a real local forge and a real store."""

from pathlib import Path
from typing import Any

import pytest

from bot import messages
from bot.adapters.forge_local import LocalForge
from bot.codebase.changes import diff
from bot.errors import Declined, Misconfigured, Refused
from bot.model import (
    Anomaly,
    AnomalySet,
    Approval,
    Branch,
    CheckState,
    CheckSummary,
    Decision,
    Deployment,
    DeployRequest,
    FileEdit,
    Known,
    Merge,
    PullRequest,
    PullRequestFacts,
    Request,
    Rollout,
    ValidationResult,
    Waiting,
)
from bot.policy import RepoPolicy, load
from bot.stages import deployment
from bot.stages._delivery_base import refused, stands, turned_green, with_history
from tests import make
from tests.deliver import world as around
from tests.deliver.world import FIXED, World, git, patch, proven, run, world, write

AUTO = "mode: auto\n"
NONE: dict[str, frozenset[int]] = {"evidence": frozenset(), "proof": frozenset(), "released": frozenset()}
REQUEST = Request(request_id="deploy-1", record_id="r", subject="rec-1", deadline=1.0)


def loaded(here: World) -> tuple[ValidationResult, PullRequestFacts]:
    request = DeployRequest(request_id="d", record_id=here.record, subject="rec-1", deadline=1.0)
    return deployment.load_validation_results(request, here.policy, here.store, here.forge, here.clock)


def opened(here: World) -> PullRequest:
    """Open the pull request and return it."""
    assert isinstance(here.deliver(), Waiting)
    return here.forge.pull_request(1)


class Reporting(LocalForge):
    """A local forge whose commits carry the checks that a test gives them, as a hosted one's do."""

    seen: dict[str, tuple[CheckState, ...]]
    rollouts: list[Rollout]
    required: tuple[str, ...] = ()

    def checks(self, sha: str) -> tuple[CheckState, ...]:
        return self.seen.get(sha, super().checks(sha))

    def required_checks(self, branch: str) -> tuple[str, ...]:
        return self.required

    def deploy(self, sha: str, environment: str, kind: str, workflow: str) -> Rollout:
        return Rollout(kind="deployment", id="1", state="pending")

    def rollout(self, rollout: Rollout) -> Rollout:
        return self.rollouts.pop(0)


def reporting(here: World) -> Reporting:
    """Let the world's forge report what the test says."""
    forge = Reporting(here.forge.folder, here.clock)
    forge.seen, forge.rollouts = {}, []
    here.forge = forge
    return forge


def test_a_request_is_accepted_answered_or_refused() -> None:
    accepted = deployment.deploy_requested(REQUEST, None)
    assert isinstance(accepted, DeployRequest)
    assert (accepted.status, accepted.record_id, accepted.subject) == ("started", "r", "rec-1")
    known = Known(record_id="before")
    assert deployment.deploy_requested(REQUEST, known) is known
    with pytest.raises(Misconfigured, match="Invalid request ID"):
        deployment.deploy_requested(Request(request_id=""), None)


def test_facts_name_the_cause_and_what_proves_it(tmp_path: Path) -> None:
    _, facts = loaded(world(tmp_path))
    assert (facts.fingerprint, facts.handler, facts.repository) == ("a1b2c3d4", "total", "o/n")
    assert facts.existing_test_proves
    assert not facts.adds_tests
    assert facts.pull_request is None


def test_nothing_proven_is_nothing_to_deliver(tmp_path: Path) -> None:
    here = world(tmp_path, proven=False, refusals=("it weakens a test",))
    with pytest.raises(Declined, match="it weakens a test"):
        loaded(here)


def test_an_unknown_record_is_said(tmp_path: Path) -> None:
    here = world(tmp_path)
    here.record = "validation-none"
    with pytest.raises(Misconfigured, match="no record"):
        loaded(here)


def test_the_decision_has_every_rule_and_one_no_denies(tmp_path: Path) -> None:
    here = world(tmp_path)
    _, facts = loaded(here)
    decision = deployment.check_approval(facts, here.policy)
    assert decision.may_open
    assert not decision.may_merge
    assert {"paths", "approvals", "mode"} <= {each.rule for each in decision.results}
    with pytest.raises(Declined, match=r"mode: mode `observe` for error in these paths; wanted"):
        deployment.check_approval(facts, RepoPolicy(mode="observe"))


@pytest.mark.parametrize(
    ("said", "who"),
    [
        ("At least 1 approving review is required by reviewers with write access.", "approve by a review"),
        ("Waiting on code owner review from acme/core.", "@acme/core can approve by a review"),
        ("Squash merges are not allowed on this repository.", "merge.method"),
        ("Changes must be made through the merge queue", "by itself"),
        ("Pull Request is not mergeable", "The page of the pull request"),
    ],
)
def test_a_no_of_the_forge_itself_says_who_can_unblock_it(tmp_path: Path, said: str, who: str) -> None:
    _, facts = loaded(world(tmp_path))
    fine = Decision(may_open=True, may_merge=True)
    made = refused(fine, said, facts.model_copy(update={"owners": ("@acme/core",)}))
    assert not made.may_merge
    assert who in made.blocking[0].unblock
    assert stands(fine)
    assert not stands(made)


def test_a_decision_on_a_closed_one_stops_nothing(tmp_path: Path) -> None:
    here = world(tmp_path)
    pull = opened(here)
    git(here.forge.folder, "update-ref", "-d", f"refs/heads/{pull.branch}")
    _, facts = loaded(here)
    assert not deployment.check_approval(facts, RepoPolicy(mode="observe")).may_open


def test_the_branch_is_named_for_the_cause_and_adopted(tmp_path: Path) -> None:
    here = world(tmp_path)
    proof, facts = loaded(here)
    decision = deployment.check_approval(facts, here.policy)
    branch = deployment.create_branch(proof, facts, decision, here.forge)
    assert (branch.name, branch.adopted) == ("auto-fix/error-total-a1b2c3d4", False)
    assert deployment.create_branch(proof, facts, decision, here.forge).adopted
    spent = facts.model_copy(update={"spent_branches": (branch.name,)})
    assert deployment.create_branch(proof, spent, decision, here.forge).name == f"{branch.name}-2"


def test_a_base_that_has_the_fix_needs_no_branch(tmp_path: Path) -> None:
    here = world(tmp_path, fix=patch(edits=(FileEdit(path="pkg/a.py", text=around.BROKEN),)))
    with pytest.raises(Declined, match="has this fix already"):
        here.deliver()
    assert here.forge.head_of("auto-fix/error-total-a1b2c3d4") is None


def test_one_commit_for_each_kind(tmp_path: Path) -> None:
    edits = (
        FileEdit(path="docs/a.md", text="total adds\n"),
        FileEdit(path="tests/test_b.py", text="def test_b():\n    assert True\n"),
        FileEdit(path="pkg/a.py", text=FIXED),
    )
    kinds: dict[str, Any] = {"docs/a.md": "docs", "tests/test_b.py": "test", "pkg/a.py": "code"}
    here = world(tmp_path, fix=patch(edits=edits, kinds=kinds, files=tuple(kinds)))
    pull = opened(here)
    said = git(here.forge.folder, "log", "--format=%s", f"main..{pull.branch}").splitlines()
    assert said == ["Document error in total", "Test error in total", "Fix error in total"]
    assert "Selfheal-Cause: a1b2c3d4" in git(here.forge.folder, "log", "-1", "--format=%B", pull.branch)


def test_changes_never_leave_the_repository(tmp_path: Path) -> None:
    here = world(tmp_path, fix=patch(edits=(FileEdit(path="../x", text=""),)))
    with pytest.raises(Refused, match="not a path inside"):
        here.deliver()


def test_the_pull_request_is_opened_once_with_its_proof_as_a_check(tmp_path: Path) -> None:
    here = world(tmp_path)
    pull = opened(here)
    here.deliver("deploy-2")
    assert [each.number for each in here.forge.find("selfheal:a1b2c3d4:fix")] == [1]
    assert here.forge.checks(pull.head_sha)[0].conclusion == "success"
    text = Path(pull.url).read_text()
    assert 'title: "🤖 Auto-fix: error in total"' in text
    assert "<!-- selfheal:a1b2c3d4:fix -->" in text
    assert pull.labels == ("self-healing", "error")


def test_a_head_that_moved_away_can_not_be_opened(tmp_path: Path) -> None:
    here = world(tmp_path)
    proof, facts = loaded(here)
    decision = deployment.check_approval(facts, here.policy)
    gone = Branch(name="gone", base="main", base_sha="", head_sha="")
    with pytest.raises(Misconfigured, match="gone"):
        deployment.apply_changes(gone, proof, facts, here.forge)
    assert decision.may_open


def test_checks_are_waited_for_and_summed_up(tmp_path: Path) -> None:
    here = world(tmp_path)
    pull = opened(here)
    _, facts = loaded(here)
    assert deployment.run_ci_checks(pull, facts, RepoPolicy(), here.forge, here.clock).green  # type: ignore[union-attr]
    missing = deployment.run_ci_checks(pull, facts, load("checks: {required: [build]}"), here.forge, here.clock)
    assert isinstance(missing, Waiting)
    assert (missing.reason, missing.wake_key) == ("waiting for build", "pull-request:1")
    assert "not reported: build" in (here.forge.folder / "pull-request.md").read_text()
    forge = reporting(here)
    forge.seen[pull.head_sha] = (CheckState(name="ci", status="in_progress"),)
    running = deployment.run_ci_checks(pull, facts, RepoPolicy(), forge, here.clock)
    assert isinstance(running, Waiting)
    assert "still run" in running.reason
    forge.seen[pull.head_sha] = (CheckState(name="ci", status="completed", conclusion="failure"),)
    red = deployment.run_ci_checks(pull, facts, RepoPolicy(), forge, here.clock)
    assert isinstance(red, CheckSummary)
    assert (red.settled, red.green) == (True, False)
    forge.seen[pull.head_sha] = ()
    assert not deployment.run_ci_checks(pull, facts, RepoPolicy(), forge, here.clock).green  # type: ignore[union-attr]
    forge.required = ("protected",)
    assert isinstance(deployment.run_ci_checks(pull, facts, RepoPolicy(), forge, here.clock), Waiting)


def test_nothing_merges_before_a_person_approves(tmp_path: Path) -> None:
    here = world(tmp_path)
    waiting = here.deliver()
    assert isinstance(waiting, Waiting)
    assert "approvals: 0 approvals" in waiting.reason
    assert waiting.poll_after > 0
    here.forge.approve("1", "ann")
    story = here.deliver()
    assert isinstance(story, Deployment)
    assert (story.state, story.verified) == ("verified", "healthy")
    assert git(here.forge.folder, "show", "main:pkg/a.py") + "\n" == FIXED
    assert here.deliver() == story


def test_mode_auto_merges_at_once(tmp_path: Path) -> None:
    assert world(tmp_path, policy=AUTO).deliver().state == "verified"


def test_an_approval_lapses_when_the_head_changes(tmp_path: Path) -> None:
    here = world(tmp_path)
    opened(here)
    here.forge.approve("1", "ann")
    here.record = proven(here.store, patch(edits=(FileEdit(path="pkg/a.py", text=FIXED + "\n"),)))
    waiting = here.deliver("deploy-2")
    assert isinstance(waiting, Waiting)
    assert "ann approved an earlier head" in waiting.reason


def test_a_branch_a_person_took_is_left_alone(tmp_path: Path) -> None:
    here = world(tmp_path, policy=AUTO + "min_age_minutes: 5")
    pull = opened(here)
    clone = tmp_path / "person"
    git(tmp_path, "clone", "-q", "-b", pull.branch, str(here.forge.folder), str(clone))
    write(clone, {"pkg/a.py": FIXED + "# better\n"})
    git(clone, "commit", "-qam", "mine")
    git(clone, "push", "-q")
    here.clock.pass_(600)
    waiting = here.deliver()
    assert isinstance(waiting, Waiting)
    assert "hand_over: a person committed to the branch" in waiting.reason
    assert "better" in git(here.forge.folder, "show", f"{pull.branch}:pkg/a.py")


def test_a_closed_one_ends_the_story_and_stays_closed(tmp_path: Path) -> None:
    here = world(tmp_path)
    pull = opened(here)
    git(here.forge.folder, "update-ref", "-d", f"refs/heads/{pull.branch}")
    story = here.deliver()
    assert (story.state, story.merge.reason) == ("closed", "closed without a merge")
    assert here.deliver("deploy-2").state == "closed"
    assert here.forge.head_of(pull.branch) is None


def test_new_evidence_makes_a_second_attempt_and_a_third_is_refused(tmp_path: Path) -> None:
    here = world(tmp_path, policy="limits: {attempts: 2}")
    for number in (1, 2):
        pull = opened(here) if number == 1 else here.forge.pull_request(number)
        git(here.forge.folder, "update-ref", "-d", f"refs/heads/{pull.branch}")
        test = f"tests/test_a.py::test_{number}"
        runs = {"before": (run(exit_code=1, outcomes={test: "failed"}),), "after": (run(outcomes={test: "passed"}),)}
        evidence = around.validation(patch(), "").evidence.model_copy(update=runs)
        here.record = proven(here.store, patch(), evidence=evidence, id=f"v{number}")
        if number == 1:
            assert isinstance(here.deliver("again"), Waiting)
            assert here.forge.pull_request(2).branch == f"{pull.branch}-2"
    with pytest.raises(Declined, match="2 earlier attempts"):
        here.deliver("third")


def test_a_conflict_waits_and_is_never_forced(tmp_path: Path) -> None:
    here = world(tmp_path)
    opened(here)
    here.forge.approve("1", "ann")
    clone = tmp_path / "person"
    git(tmp_path, "clone", "-q", str(here.forge.folder), str(clone))
    write(clone, {"pkg/a.py": around.BROKEN.replace("a - b", "b - a")})
    git(clone, "commit", "-qam", "mine")
    git(clone, "push", "-q")
    waiting = here.deliver()
    assert isinstance(waiting, Waiting)
    assert "conflict: conflicts with main" in waiting.reason


def test_a_head_that_moved_since_its_checks_were_read_waits(tmp_path: Path) -> None:
    here = world(tmp_path)
    opened(here)
    here.forge.approve("1", "ann")
    pull = here.forge.pull_request(1)
    _, facts = loaded(here)
    for summary in (CheckSummary(head_sha="0" * 40, settled=True), CheckSummary(head_sha=pull.head_sha)):
        waiting = deployment.auto_merge_pr(pull, summary, facts, here.policy, here.forge, here.clock)
        assert isinstance(waiting, Waiting)
        assert "not all read" in waiting.reason


def test_a_fix_made_again_on_a_moved_base_moves_the_same_pull_request(tmp_path: Path) -> None:
    here = world(tmp_path, policy="limits: {attempts: 9}")
    first = opened(here)
    here.forge.approve("1", "ann")
    clone = tmp_path / "person"
    git(tmp_path, "clone", "-q", str(here.forge.folder), str(clone))
    changed = "# The sum.\n" + around.BROKEN
    write(clone, {"pkg/a.py": changed, "pkg/b.py": "z = 3\n"})
    git(clone, "add", "-A")
    git(clone, "commit", "-qm", "mine")
    git(clone, "push", "-q")
    waiting = here.deliver()
    assert isinstance(waiting, Waiting)
    assert "base_moved: pkg/a.py changed on the base" in waiting.reason
    assert here.forge.pull_request(1).head_sha == first.head_sha
    edits = (FileEdit(path="pkg/a.py", text="# The sum.\n" + FIXED),)
    again = diff({"pkg/a.py": changed}, {"pkg/a.py": edits[0].text})
    here.record = proven(here.store, patch(edits=edits, diff=again))
    waiting = here.deliver("deploy-2")
    assert isinstance(waiting, Waiting)
    assert waiting.reason.startswith("approvals: 0 approvals of this head (none); ann approved an earlier head")
    now = here.forge.pull_request(1)
    parents = git(here.forge.folder, "log", "-1", "--format=%P", now.head_sha).split()
    assert parents == [first.head_sha, here.forge.head_of("main")]
    assert here.deliver("deploy-2") == waiting
    assert here.forge.pull_request(1).head_sha == now.head_sha
    here.forge.approve("1", "ann")
    assert here.deliver("deploy-2").state == "verified"
    assert git(here.forge.folder, "show", "main:pkg/b.py") == "z = 3"
    assert git(here.forge.folder, "show", "main:pkg/a.py") + "\n" == edits[0].text


def test_a_base_that_moved_elsewhere_changes_nothing(tmp_path: Path) -> None:
    here = world(tmp_path)
    first = opened(here)
    here.forge.approve("1", "ann")
    clone = tmp_path / "person"
    git(tmp_path, "clone", "-q", str(here.forge.folder), str(clone))
    write(clone, {"pkg/b.py": "z = 3\n"})
    git(clone, "add", "-A")
    git(clone, "commit", "-qm", "mine")
    git(clone, "push", "-q")
    story = here.deliver()
    assert (story.state, story.verified) == ("merged", "unknown")
    assert story.pull_request.head_sha == first.head_sha


def test_a_merge_that_fails_at_the_last_moment_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = world(tmp_path, policy=AUTO)
    monkeypatch.setattr(LocalForge, "merge", lambda *_, **__: Merge(merged=False, reason="its head has changed"))
    waiting = here.deliver()
    assert isinstance(waiting, Waiting)
    assert waiting.reason == "not merged: its head has changed"


def test_a_deployment_is_asked_for_as_the_policy_says(tmp_path: Path) -> None:
    here = world(tmp_path)
    done = Merge(merged=True, sha="s")
    assert deployment.deploy_to_production(done, RepoPolicy(), here.forge).reason.startswith("the policy asks")
    not_merged = deployment.deploy_to_production(Merge(merged=False), RepoPolicy(), here.forge)
    assert not_merged.reason == "nothing was merged"
    asked = deployment.deploy_to_production(done, load("deploy: {kind: deployment}"), reporting(here))
    assert (asked.kind, asked.state) == ("deployment", "pending")


def test_a_running_deployment_is_waited_for(tmp_path: Path) -> None:
    here = world(tmp_path, policy=AUTO + "deploy: {kind: deployment}")
    forge = reporting(here)
    forge.rollouts = [Rollout(kind="deployment", id="1", state=state) for state in ("in_progress", "success")]
    waiting = here.deliver()
    assert isinstance(waiting, Waiting)
    assert waiting.reason == "the deployment still runs"
    story = here.deliver()
    assert (story.state, story.verified, story.rollout.state) == ("verified", "healthy", "success")


def test_a_window_that_ends_without_an_answer_is_unknown(tmp_path: Path) -> None:
    here = world(tmp_path, policy=AUTO + "deploy: {kind: deployment, watch_minutes: 1}")
    forge = reporting(here)
    forge.rollouts = [Rollout(kind="deployment", id="1", state="queued")] * 2
    assert isinstance(here.deliver(), Waiting)
    here.clock.pass_(61)
    story = here.deliver()
    assert (story.state, story.verified) == ("deployed", "unknown")


def test_a_regression_is_looked_at_twice_and_then_taken_back(tmp_path: Path) -> None:
    here = world(tmp_path, policy=AUTO + "deploy: {kind: deployment}")
    forge = reporting(here)
    forge.rollouts = [Rollout(kind="deployment", id="1", state="failure")] * 3
    for seconds in (0, 10):
        here.clock.pass_(seconds)
        waiting = here.deliver()
        assert isinstance(waiting, Waiting)
        assert "a second look must confirm it" in waiting.reason
    here.clock.pass_(60)
    story = here.deliver()
    assert (story.state, story.verified) == ("failed", "regressed")
    assert "pull request 2 takes the merge back" in story.facts["seen"]
    assert here.forge.pull_request(2).branch.startswith("revert/")


def test_what_others_built_on_is_not_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = world(tmp_path, policy=AUTO)
    story = here.deliver()
    again = AnomalySet(all_anomalies=(make.anomaly(id="a1b2c3d4", description="still wrong"),), total_count=1)
    here.clock.pass_(5)
    here.store.save(again, kind="anomalies", repository="o/n")
    assert isinstance(here.deliver(), Waiting)
    clone = tmp_path / "person"
    git(tmp_path, "clone", "-q", str(here.forge.folder), str(clone))
    write(clone, {"pkg/a.py": FIXED.replace("a + b", "a + b + 0")})
    git(clone, "commit", "-qam", "mine")
    git(clone, "push", "-q")
    here.clock.pass_(100)
    story = here.deliver()
    assert story.verified == "regressed"
    assert "seen again after the merge: still wrong; " in story.facts["seen"]
    assert "can't be taken back" in story.facts["seen"]


@pytest.mark.parametrize(
    ("check", "verified"),
    [
        (CheckState(name="ci", status="completed", conclusion="failure"), "regressed"),
        (CheckState(name="ci", status="completed", conclusion="success"), "healthy"),
    ],
)
def test_the_checks_of_the_merge_commit_decide(tmp_path: Path, check: CheckState, verified: str) -> None:
    here = world(tmp_path, policy=AUTO)
    sha = here.deliver().merge.sha
    forge = reporting(here)
    forge.seen[sha] = (check,)
    story = here.deliver()
    if verified == "regressed":
        here.clock.pass_(61)
        story = here.deliver()
    assert story.verified == verified


def test_checks_that_still_run_on_the_merge_commit_are_waited_for(tmp_path: Path) -> None:
    here = world(tmp_path, policy=AUTO)
    sha = here.deliver().merge.sha
    forge = reporting(here)
    forge.seen[sha] = (CheckState(name="ci", status="queued"),)
    assert isinstance(here.deliver(), Waiting)
    forge.seen[sha] = ()
    assert here.deliver().verified == "unknown"
    head = here.forge.pull_request(1).head_sha
    forge.seen[head] = (CheckState(name="ci", status="completed", conclusion="success", completed_at=1.0),)
    assert isinstance(here.deliver("deploy-3"), Waiting)


def test_the_end_starts_the_look_back(tmp_path: Path) -> None:
    here = world(tmp_path, policy=AUTO)
    story = here.deliver()
    request = DeployRequest(request_id="d", record_id=here.record, subject="rec-1", deadline=1.0)
    done = deployment.deploy_completed(request, story)
    assert done.status == "completed"
    assert done.summary == "pull request 1 is verified, verification: healthy"
    assert done.record_id == story.facts["record"]
    assert [(each.event, each.record_id) for each in done.starts] == [("track.requested", story.facts["record"])]
    assert (
        "pull request 0"
        in deployment.deploy_completed(request, story.model_copy(update={"pull_request": None})).summary
    )
    with pytest.raises(KeyError):
        deployment.deploy_completed(request, story.model_copy(update={"facts": {}}))


def test_a_command_or_test_that_turned_green_proves() -> None:
    red = run(exit_code=1, outcomes={})
    assert turned_green((red,), (run(outcomes={}),))
    assert not turned_green((run(outcomes={}),), (run(outcomes={}),))
    assert not turned_green((red,), (run(command="other"),))
    assert not turned_green((red,), (run(outcomes={}), red))
    failing = run(exit_code=1, outcomes={"t": "failed"})
    assert not turned_green((failing,), (run(outcomes={"t": "skipped"}),))
    assert not turned_green((failing,), (run(outcomes={}),))


def test_history_chooses_what_to_go_on_with() -> None:
    facts = PullRequestFacts(patch=patch(), proven=True)
    pulls = tuple(
        PullRequest(number=n, branch=f"b{n}", base="main", head_sha="s", state=state, opened_at=1000.0 * n)
        for n, state in enumerate(("merged", "closed", "open"), 1)
    )
    chosen = with_history(facts, pulls, NONE, 9e9)
    assert chosen.pull_request == pulls[2]
    assert (chosen.attempts, chosen.spent_branches) == (1, ("b1", "b2"))
    resumed = with_history(facts, pulls, {**NONE, "proof": frozenset({1})}, 9e9)
    assert resumed.pull_request == pulls[0]
    soon = with_history(facts, pulls[:1], NONE, 2000.0)
    assert (soon.pull_request, soon.attempts) == (None, 1)
    released = with_history(facts, pulls[1:], {**NONE, "released": frozenset({2, 3})}, 9e9)
    assert (released.pull_request, released.attempts, released.spent_branches) == (None, 0, ("b2", "b3"))


def test_the_branch_of_a_cause_without_a_fingerprint_of_its_own() -> None:
    anomaly: Anomaly = make.anomaly(id="performance:slow", handler=None, metrics={"tool": "ruff"})
    assert len(messages.cause_of(anomaly.id)) == 8
    assert messages.cause_of("A1B2C3D4e5") == "a1b2c3d4"
    assert messages.handler_name(None, anomaly, patch()) == "ruff"
    assert messages.handler_name(None, None, patch(files=())) == "error"
    assert messages.handler_name(make.diagnosis(function=""), None, patch()) == "pkg-a-py"
    assert messages.handler_name(None, None, patch(files=("日本",), type="error")) == "error"
    long = messages.slug("Some.Very/long_name" * 9)
    assert len(long) <= 40
    assert long == long.strip("-")


def test_the_newest_word_of_each_person_counts() -> None:
    facts = PullRequestFacts(patch=patch(), proven=True, approvals=(Approval(user="ann", sha="s"),))
    assert with_history(facts, (), NONE, 1.0).approvals == facts.approvals


FLOW = ".github/workflows/ci.yml"
OFFERED = {
    "edits": (FileEdit(path=FLOW, text="on: push\n"),),
    "files": (FLOW,),
    "touches": "workflows",
    "diff": diff({FLOW: "on: pull\n"}, {FLOW: "on: push\n"}),
}


def test_the_patch_of_a_workflow_is_offered_once_and_changes_nothing(tmp_path: Path) -> None:
    here = world(tmp_path, fix=patch(**OFFERED), proven=False)
    for number in range(2):
        with pytest.raises(Declined, match="offered as a comment, since only people may"):
            here.deliver(f"deploy-{number}")
    text = (here.forge.folder / "pull-request.md").read_text()
    assert "+on: push" in text
    assert "git apply FILE" in text
    assert not (here.forge.folder / "pull-request-2.md").exists()
    assert git(here.forge.folder, "branch", "--list", "auto-fix/*") == ""


def test_the_patch_of_a_workflow_is_not_offered_where_the_policy_says_no(tmp_path: Path) -> None:
    here = world(tmp_path, policy="mode: observe\n", fix=patch(**OFFERED), proven=False)
    with pytest.raises(Declined, match="the rules do not allow"):
        here.deliver()
