"""From a proven fix to its end, on the stand-in: what people, checks, GitHub and policies may do to it on the way."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.model import Evidence, FileEdit
from tests.deliver import world
from tests.deliver.world import FIXED
from tests.e2e.scene import QUICK, RULES, Town, town, until

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("town")) as made:
        yield made


def test_an_approval_by_review_merges(here: Town) -> None:
    scene = here.scene("review", **{".github/CODEOWNERS": "*.md @bob\n/pkg/ @ann me@example.com @review/none\n"}).fix()
    pull = scene.ready()
    assert [one["login"] for one in pull["requested_reviewers"]] == ["ann"]
    here.github.review(scene.name, 1, "ann", "APPROVED")
    scene.merged()
    assert scene.text("pkg/a.py") == FIXED


def test_an_approval_by_comment_merges(here: Town) -> None:
    scene = here.scene("comment").fix()
    pull = scene.ready()
    assert pull["title"] == "🤖 Auto-fix: error in total"
    scene.approve().merged()
    assert scene.told("Merged")


def test_an_outsider_can_not_approve(here: Town) -> None:
    scene = here.scene("outsider").fix()
    pull = scene.ready()
    scene.approve("eve").told("needs write")
    assert not pull["merged_at"]


def test_an_approval_is_void_after_a_push(here: Town) -> None:
    scene = here.scene("void", ci=None).fix()
    pull = scene.pull()
    scene.approve().told("Approved by")
    here.github.write(scene.name, pull["head"]["ref"], {"pkg/b.py": "B = 1\n"}, user="bob")
    scene.check("success")
    assert "a person committed to the branch" in scene.told("approved an earlier head")
    scene.quiet()
    assert not pull["merged_at"]


@pytest.mark.parametrize(("conclusion", "merges"), [("skipped", True), ("neutral", True), ("cancelled", False)])
def test_the_conclusion_of_a_check_decides(here: Town, conclusion: str, merges: bool) -> None:
    scene = here.scene(conclusion, ci=conclusion).fix()
    pull = scene.ready()
    scene.approve()
    if merges:
        scene.merged()
    else:
        scene.told(f"did not pass: tests ({conclusion})")
        assert not pull["merged_at"]


def test_neutral_blocks_where_only_success_passes(here: Town) -> None:
    scene = here.scene("strict", "checks: {pass: [success]}\n", ci="neutral").fix()
    scene.ready()
    scene.approve().told("did not pass: tests (neutral)")


def test_a_red_check_blocks_until_it_is_green(here: Town) -> None:
    scene = here.scene("red", ci="failure").fix()
    pull = scene.ready()
    scene.approve().told("did not pass: tests (failure)")
    assert not pull["merged_at"]
    scene.check("success")
    scene.merged()


def test_a_required_check_that_never_reports_blocks(here: Town) -> None:
    scene = here.scene("missing", "checks: {required: [docs]}\n").fix()
    scene.ready()
    scene.approve().told("not reported: docs")
    scene.check("success", "docs")
    scene.merged()


def test_no_check_at_all_blocks_unless_the_policy_lets_it(here: Town) -> None:
    scene = here.scene("none", ci=None).fix()
    scene.ready()
    scene.approve().told("no check at all")
    other = here.scene("unchecked", "checks: {none: pass}\n", ci=None).fix()
    other.ready()
    other.approve().merged()


def test_checks_must_be_quiet_for_a_while(here: Town) -> None:
    scene = here.scene("settle", "merge: {settle_seconds: 600}\n").fix()
    pull = scene.ready()
    assert "600 seconds of quiet" in scene.approve().told("since the last check")
    assert not pull["merged_at"]
    scene.push({RULES: QUICK})
    scene.check("success")
    scene.merged()


def test_what_a_person_closed_stays_closed(here: Town) -> None:
    scene = here.scene("closed").fix()
    scene.ready()
    here.github.close(scene.name, 1, "ann")
    until(lambda: not here.running.watches.live(scene.name), "the end of the watch")
    scene.fix(id="v2")
    until(lambda: not here.running.watches.live(scene.name), "the end of the second")
    assert len(scene.repo.pulls) == 1


def test_protection_by_github_itself_is_told_and_waited_for(here: Town) -> None:
    scene = here.scene("protected")
    scene.repo.required = ["deep"]
    scene.fix().ready()
    scene.approve().told("not reported: deep")
    scene.check("success", "deep")
    scene.merged()


def test_refusals_of_a_merge_are_waited_out(here: Town) -> None:
    scene = here.scene("no405")
    here.github.fault("PUT", f"{scene.name}/pulls/1/merge", 405)
    here.github.fault("PUT", f"{scene.name}/pulls/1/merge", 409)
    scene.fix().ready()
    scene.approve().merged()
    assert merges(here, scene.name) == [405, 409, 200]


@pytest.mark.parametrize("after", [True, False], ids=["made", "not made"])
def test_a_merge_that_failed_half_way_is_looked_at_before_it_is_repeated(here: Town, after: bool) -> None:
    scene = here.scene(f"half{after}".lower())
    here.github.fault("PUT", f"{scene.name}/pulls/1/merge", 500, after=after)
    scene.fix().ready()
    scene.approve().merged()
    scene.told("Merged")
    assert merges(here, scene.name) == ([500] if after else [500, 200])


def merges(here: Town, name: str) -> list[int]:
    """Return the answers to the merges that were asked for; the lock is held until one that took effect is listed."""
    with here.github.lock:
        return [status for method, path, status in here.github.requests if method == "PUT" and name in path]


def test_a_secondary_limit_with_quota_left_is_waited_out(here: Town) -> None:
    scene = here.scene("limit")
    said = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    here.github.fault("POST", f"{scene.name}/pulls", 403, headers={"Retry-After": "1"}, message=said)
    began = time.monotonic()
    scene.fix().ready()
    assert time.monotonic() - began >= 1
    assert len(scene.repo.pulls) == 1


def test_a_token_that_expired_is_renewed(here: Town) -> None:
    scene = here.scene("token").fix()
    scene.ready()
    here.github.tokens.clear()
    scene.approve().merged()


def test_a_freeze_is_kept(here: Town) -> None:
    scene = here.scene("freeze", 'freeze: [{from: "2020-01-01T00:00Z", to: "2199-01-01T00:00Z"}]\n').fix()
    pull = scene.ready()
    assert "a freeze until 2199" in scene.approve().told("freeze")
    scene.quiet()
    assert not pull["merged_at"]


def test_a_broken_policy_only_observes(here: Town) -> None:
    scene = here.scene("broken", "mood: auto\n")
    scene.fix(sha=str(scene.repo.git.head("main")))
    until(lambda: not here.running.watches.live(scene.name), "the end of the watch")
    assert not scene.repo.pulls
    (check,) = scene.repo.checks
    assert check["conclusion"] == "neutral"
    assert "rule mode" in [one["title"] for one in check["output"]["annotations"]]


def test_a_pull_request_that_breaks_the_policy_is_told(here: Town) -> None:
    scene = here.scene("breaks")
    sha = here.github.write(scene.name, "rules", {RULES: "mood: auto\n"})
    here.github.open(scene.name, "rules", "ann")
    check = until(lambda: [one for one in scene.repo.checks if one["name"] == "selfheal policy"], "the check")[0]
    assert (check["head_sha"], check["conclusion"]) == (sha, "failure")
    assert "selfheal.yml:1" in check["output"]["summary"].replace("\\", "")


def test_a_spent_budget_is_waited_for(here: Town) -> None:
    scene = here.scene("budget", "limits: {open: 1}\n").fix()
    scene.ready()
    scene.fix(world.patch(id="p2", anomaly_id="b2c3d4e5", edits=(FileEdit(path="pkg/b.py", text="B = 1\n"),)))
    until(lambda: len(here.running.watches.live(scene.name)) == 2, "both watches")
    scene.quiet()
    assert len(scene.repo.pulls) == 1
    scene.approve().merged()
    assert scene.pull(2)["head"]["ref"].endswith("b2c3d4e5")


def test_minutes_of_ci_are_counted(here: Town) -> None:
    scene = here.scene("minutes", "limits: {ci_minutes: 5}\n")
    run = {"id": 1, "name": "CI", "workflow_id": 1, "run_attempt": 1, "event": "push", "status": "completed"}
    run |= {"conclusion": "success", "head_sha": "0" * 40, "head_branch": "auto-fix/error-x-00000000"}
    times = {"created_at": ago(20), "run_started_at": ago(20), "updated_at": ago(10)}
    scene.repo.runs[1] = {**run, **times, "head_repository": {"full_name": scene.name}}
    scene.fix().quiet()
    assert not scene.repo.pulls
    scene.repo.runs.clear()
    scene.pull()


def ago(minutes: int) -> str:
    """Return the time so many minutes ago as GitHub writes it."""
    return (datetime.now(UTC) - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_the_policy_of_the_organisation_is_inherited(here: Town) -> None:
    here.github.repo("inherit/.github", {RULES: "mode: observe\nmerge: {settle_seconds: 0}\n"})
    scene = here.scene("inherit", "confidence: 0.5\nmerge: {method: merge}\n").fix()
    until(lambda: not here.running.watches.live(scene.name), "the end of the watch")
    assert not scene.repo.pulls
    scene.push({RULES: "mode: propose\nmerge: {method: merge}\n"})
    scene.fix(id="v2").ready()
    merge = scene.approve().merged()
    assert len(scene.repo.git.git("show", "-s", "--format=%P", merge).split()) == 2


@pytest.mark.parametrize("answer", [404, 403])
def test_a_policy_of_the_organisation_that_can_not_be_read_is_done_without(here: Town, answer: int) -> None:
    owner = f"closed{answer}"
    here.github.repo(f"{owner}/.github", {RULES: "mode: observe\n"}).private = True
    if answer != 404:
        here.github.fault("GET", f"/repos/{owner}/.github/", answer, message="Resource not accessible by integration")
    here.scene(owner).fix().ready()


def test_a_merge_queue_is_entered_once_and_merges(here: Town) -> None:
    scene = here.scene("queue")
    scene.repo.rules = [{"type": "merge_queue"}]
    scene.fix().ready()
    scene.approve()
    until(lambda: scene.repo.queued, "the queue")
    scene.quiet()
    assert scene.repo.queued == [1]
    assert not merges(here, scene.name)
    here.github.leave_queue(scene.name, 1, "MERGE")
    scene.told("Merged")


def test_what_a_merge_queue_threw_out_waits_for_a_person(here: Town) -> None:
    scene = here.scene("thrown")
    scene.repo.rules = [{"type": "merge_queue"}]
    scene.fix().ready()
    scene.approve()
    until(lambda: scene.repo.queued, "the queue")
    here.github.leave_queue(scene.name, 1, "CI_FAILURE")
    scene.told("held by merge-queue")
    assert not scene.repo.queued
    here.github.comment(scene.name, 1, "ann", "/selfheal resume")
    until(lambda: scene.repo.queued, "the queue again")
    here.github.comment(scene.name, 1, "ann", "/selfheal hold")
    until(lambda: not scene.repo.queued, "the way out of the queue")


def test_a_review_that_github_wants_is_told_and_merges_by_itself(here: Town) -> None:
    scene = here.scene("reviewed")
    scene.repo.reviews_wanted, scene.repo.auto_merge = 1, True
    pull = scene.fix().ready()
    scene.approve()
    assert "the comment `/selfheal approve` is none" in scene.told("At least 1 approving review")
    assert pull["auto_merge"]["merge_method"] == "squash"
    here.github.comment(scene.name, 1, "ann", "/selfheal hold")
    until(lambda: not pull["auto_merge"], "the end of the auto-merge")
    here.github.comment(scene.name, 1, "ann", "/selfheal resume")
    until(lambda: pull["auto_merge"], "the auto-merge again")
    here.github.review(scene.name, 1, "bob", "APPROVED")
    scene.merged()
    scene.told("Merged")
    assert 200 not in merges(here, scene.name)


def test_an_app_that_is_uninstalled_in_flight_leaves_off(here: Town) -> None:
    scene = here.scene("uninstalled").fix()
    pull = scene.ready()
    number = next(key for key, name in here.app.installations.items() if name == scene.name)
    payload = {"action": "deleted", "repositories": [{"full_name": scene.name}]}
    here.github.emit("installation", payload, scene.repo, "ann")
    del here.app.installations[number]
    until(lambda: not here.running.watches.live(scene.name), "the end of the watch")
    assert not pull["merged_at"]


def test_a_bad_deployment_is_taken_back_after_a_second_look(here: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.stages._verification_base.SECOND_LOOK_SECONDS", 0.5)
    scene = here.scene("revert", "mode: auto\nmerge: {settle_seconds: 0}\ndeploy: {kind: deployment}\n")
    monkeypatch.setattr(here.github, "deployer", lambda _repo, _sha: "failure")
    merge = scene.fix().merged()
    pull = scene.pull(2)
    assert pull["head"]["ref"] == f"revert/{merge[:12]}"
    assert scene.text("pkg/a.py", pull["head"]["ref"]) == world.BROKEN
    scene.quiet()
    assert not pull["merged_at"]


def test_a_cause_that_a_person_wants_ignored_is_left_alone(here: Town) -> None:
    scene = here.scene("ignored").fix()
    pull = scene.ready()
    here.github.comment(scene.name, 1, "ann", "/selfheal ignore")
    until(lambda: pull["state"] == "closed", "the end of the pull request")
    scene.fix(id="v2", evidence=Evidence(before=(world.run(exit_code=1),), after=(world.run(),)))
    until(lambda: not here.running.watches.live(scene.name), "the end of the watch")
    assert len(scene.repo.pulls) == 1
