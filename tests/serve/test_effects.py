"""What each handled event and action brings about: a look, a record, an answer, a check, or the end of a watch."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from bot.adapters.github_forge import GitHubForge
from bot.errors import Transient
from bot.model import FileEdit
from bot.notes import KIND, notes_in
from bot.serve import triage
from bot.serve.jobs import RETRIES, Green, patience
from tests.github.actions import stamp
from tests.serve.conftest import REPO, Around

SHA, OTHER = "a" * 40, "b" * 40
NUMBERS = itertools.count()


@pytest.fixture
def name(around: Around) -> Iterator[str]:
    """Return the name of a watch of commit `SHA`; it is closed afterwards."""
    made = f"watch-{next(NUMBERS)}"
    around.watch(made, sha=SHA, number=77)
    yield made
    around.running.watches.close(made)


RUN = {"id": 5, "run_attempt": 1, "head_branch": "main", "name": "CI", "head_repository": {"full_name": REPO}}
PULL = {"number": 77, "head": {"sha": OTHER}}


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("workflow_run", {"action": "completed", "workflow_run": {**RUN, "head_sha": SHA, "conclusion": "cancelled"}}),
        ("workflow_job", {"action": "completed", "workflow_job": {"head_sha": SHA}}),
        ("check_run", {"action": "completed", "check_run": {"head_sha": SHA}}),
        ("check_suite", {"action": "completed", "check_suite": {"head_sha": SHA}}),
        ("check_suite", {"action": "requested", "check_suite": {"head_sha": SHA}}),
        ("status", {"sha": SHA, "state": "success"}),
        ("push", {"ref": "refs/heads/main"}),
        ("pull_request", {"action": "labeled", "pull_request": PULL}),
        ("pull_request", {"action": "closed", "pull_request": PULL}),
        ("pull_request_review", {"action": "submitted", "pull_request": PULL, "review": {"body": None}}),
        ("pull_request_review", {"action": "dismissed", "pull_request": PULL, "review": {}}),
        ("deployment", {"action": "created"}),
        ("deployment_status", {"action": "created"}),
        ("merge_group", {"action": "checks_requested"}),
        ("installation", {"action": "unsuspend"}),
        ("installation", {"action": "new_permissions_accepted"}),
        ("installation_repositories", {"action": "added", "repositories_added": [{"full_name": REPO}]}),
    ],
)
def test_what_is_waited_for_lets_a_pull_request_look_again(
    around: Around, name: str, event: str, payload: dict[str, Any]
) -> None:
    around.deliver(event, **payload)
    assert around.seq(name) == 1


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("check_run", {"action": "completed", "check_run": {"head_sha": OTHER}}),
        ("check_run", {"action": "created", "check_run": {"head_sha": SHA}}),
        ("push", {"ref": "refs/heads/other"}),
        ("pull_request", {"action": "labeled", "pull_request": {**PULL, "number": 78}}),
        ("repository", {"action": "edited"}),
        ("ping", {"zen": "Design for failure."}),
    ],
)
def test_what_is_not_waited_for_lets_it_sleep(around: Around, name: str, event: str, payload: dict[str, Any]) -> None:
    around.deliver(event, **payload)
    assert around.seq(name) == 0


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("installation", {"action": "deleted"}),
        ("installation", {"action": "suspend"}),
        ("installation_repositories", {"action": "removed", "repositories_removed": [{"full_name": REPO}]}),
        ("repository", {"action": "archived"}),
        ("repository", {"action": "deleted"}),
    ],
)
def test_what_is_gone_is_watched_no_more(around: Around, name: str, event: str, payload: dict[str, Any]) -> None:
    around.deliver(event, **payload)
    assert around.seq(name) == -1


def test_another_repository_that_was_removed_changes_nothing(around: Around, name: str) -> None:
    around.deliver("installation_repositories", action="removed", repositories_removed=[{"full_name": "acme/else"}])
    assert around.seq(name) == 0


@pytest.mark.parametrize(
    ("action", "changes"),
    [
        ("renamed", {"repository": {"name": {"from": "old"}}}),
        ("transferred", {"owner": {"from": {"user": {"login": "eve"}}}}),
        ("transferred", {"owner": {"from": {"organization": {"login": "eve"}}}}),
    ],
)
def test_a_repository_is_followed_under_its_new_name(around: Around, action: str, changes: Any) -> None:
    made = f"watch-{next(NUMBERS)}"
    around.watch(made, repository="acme/old" if action == "renamed" else "eve/depot")
    around.deliver("repository", action=action, changes=changes)
    found = around.running.watches.get(made)
    assert found is not None
    assert (found.repository, found.data["repository"], found.data["installation"]) == (REPO, REPO, 0)
    around.running.watches.close(made)


def test_a_green_run_is_remembered(around: Around) -> None:
    run = {**RUN, "head_sha": SHA, "conclusion": "success"}
    around.deliver("workflow_run", action="completed", workflow_run=run)
    kept = around.running.world.store.latest(Green, kind="green", repository=REPO, key="main")
    assert kept is not None
    assert kept.sha == SHA


def test_a_red_run_of_a_commit_that_is_not_the_head_is_dropped(around: Around) -> None:
    run = {**RUN, "id": 6, "head_sha": OTHER, "conclusion": "failure"}
    around.deliver("workflow_run", action="completed", workflow_run=run)
    state = around.running.durable.state(f"heal:{REPO}:6.1")
    assert state is not None
    assert state.status == "SUCCESS"


@pytest.fixture(scope="module")
def number(around: Around) -> int:
    """Return a pull request of the App's own."""
    client = around.running.github.client(around.installation, REPO)
    forge = GitHubForge(client, "selfheal")
    branch = forge.branch("auto-fix/error-x-a1b2c3d4", "main")
    sha = forge.commit(branch, (FileEdit(path="a.py", text="x = 2\n"),), "Fix it")
    opened = forge.open(branch.model_copy(update={"head_sha": sha}), "title", "<!-- selfheal:a1b2c3d4:fix -->", ())
    around.watch("own", sha=sha, number=opened.number)
    return opened.number


def answers(around: Around) -> list[str]:
    return [str(one["body"]) for one in around.github.repos[REPO].comments if "selfheal:answer:" in one["body"]]


def said(line: str, user: str = "ann", number: int = 900) -> dict[str, Any]:
    return {"id": number, "body": line, "user": {"login": user, "type": "User"}}


def test_a_comment_command_is_answered(around: Around, number: int) -> None:
    issue = {"number": number, "pull_request": {"url": "x"}}
    around.deliver("issue_comment", action="created", issue=issue, comment=said("/selfheal help"))
    assert "selfheal:answer:900" in answers(around)[-1]
    before = len(answers(around))
    around.deliver("issue_comment", action="edited", issue=issue, comment=said("/selfheal help", number=901))
    assert len(answers(around)) == before


def test_a_command_in_a_review_and_on_a_line_is_answered(around: Around, number: int) -> None:
    pull = {"number": number, "head": {"sha": SHA}}
    around.deliver(
        "pull_request_review", action="submitted", pull_request=pull, review=said("/selfheal why", "ann", 902)
    )
    assert "selfheal:answer:902" in answers(around)[-1]
    around.deliver(
        "pull_request_review_comment",
        action="created",
        pull_request=pull,
        comment=said("/selfheal explain", "ann", 903),
    )
    assert "selfheal:answer:903" in answers(around)[-1]


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("/selfheal hold", "ann"),
        ("/selfheal resume", ""),
        ("/selfheal revert", "is open"),
        ("/selfheal nonsense", "nonsense"),
    ],
)
def test_commands_are_carried_out(around: Around, number: int, line: str, wanted: str) -> None:
    issue = {"number": number, "pull_request": {"url": "x"}}
    before = len(answers(around))
    around.deliver("issue_comment", action="created", issue=issue, comment=said(line, number=950 + sum(map(ord, line))))
    assert len(answers(around)) == before + 1
    assert wanted in answers(around)[-1]


def test_a_button_is_carried_out_and_answered(around: Around, number: int) -> None:
    head = around.github.repos[REPO].pulls[number]["head"]["sha"]
    asked = {"action": "requested_action", "check_run": {"head_sha": head}}
    around.deliver("check_run", **asked, requested_action={"identifier": "approve"})
    notes = next(one["body"] for one in around.github.repos[REPO].comments if f":{KIND} -->" in one["body"])
    assert notes_in(notes).approvals == (("ann", head),)
    for action, more in (
        ("requested_action", {"requested_action": {"identifier": "explain"}}),
        ("rerequested", {}),
    ):
        before = len(answers(around))
        around.deliver("check_run", action=action, check_run={"head_sha": head}, **more)
        assert len(answers(around)) == before + 1


def test_a_person_who_breaks_the_policy_is_told_on_the_pull_request(around: Around) -> None:
    sha = around.github.write(REPO, "change", {".github/selfheal.yml": "version: 1\nmodus: auto\n"}, quiet=True)
    around.deliver("pull_request", action="opened", pull_request={"number": 50, "head": {"sha": sha}})
    (check,) = [one for one in around.github.repos[REPO].checks if one["head_sha"] == sha]
    assert (check["name"], check["conclusion"]) == ("selfheal policy", "failure")
    assert "modus" in check["output"]["summary"]
    (note,) = check["output"]["annotations"]
    assert (note["path"], note["start_line"], note["annotation_level"]) == (".github/selfheal.yml", 2, "failure")


def test_events_of_our_own_are_known_once_the_name_is(around: Around) -> None:
    around.running.reconciler.named()
    assert around.running.own_logins() == {"selfheal[bot]"}


def test_a_red_run_that_no_webhook_told_of_is_found(around: Around) -> None:
    head = around.github.repos[REPO].git.head("main")
    run = {**RUN, "id": 44, "head_sha": head, "status": "completed", "conclusion": "failure", "event": "push"}
    run["created_at"] = stamp()
    around.github.repos[REPO].runs[44] = run
    assert around.running.reconciler.runs() == 1
    assert around.running.reconciler.runs() == 0
    assert around.running.durable.state(f"heal:{REPO}:44.1") is not None


@pytest.mark.parametrize(("event", "number"), [("check_run", 71), ("check_suite", 72)])
def test_a_check_that_is_asked_for_again_looks_at_its_red_runs_again(around: Around, event: str, number: int) -> None:
    sha, runs = f"{number}" * 20, around.github.repos[REPO].runs
    more = {"status": "completed", "conclusion": "failure", "event": "push", "created_at": stamp()}
    runs[number] = {**RUN, "id": number, "head_sha": sha, **more}

    def asked() -> list[str]:
        return [one.id for one in around.running.durable.states(prefix="button:") if one.id.endswith(f":{number}.1")]

    around.deliver(event, action="rerequested", sender={"login": "eve"}, **{event: {"head_sha": sha}})
    assert not asked()
    around.deliver(event, action="rerequested", **{event: {"head_sha": sha}})
    assert len(asked()) == 1
    del runs[number]


def test_nobody_waits_for_a_check_of_ours_that_is_demanded(around: Around) -> None:
    repo, sha = around.github.repos[REPO], "f" * 40
    group = {"head_sha": sha, "base_ref": "refs/heads/main"}
    around.deliver("merge_group", action="checks_requested", merge_group=group)
    assert not [one for one in repo.checks if one["head_sha"] == sha]
    repo.required = ["selfheal"]
    for head in (sha, "9" * 40):
        around.deliver("merge_group", action="checks_requested", merge_group={**group, "head_sha": head})
        around.deliver("merge_group", action="checks_requested", merge_group={**group, "head_sha": head})
    repo.required = []
    assert [one["conclusion"] for one in repo.checks if one["head_sha"] == "9" * 40] == ["neutral"]


def test_failed_deliveries_are_asked_for_again_once(around: Around) -> None:
    row = {
        "id": 4242,
        "guid": "g-1",
        "event": "push",
        "status": "failed",
        "at": 0.0,
        "app": around.app.id,
        "data": b"{}",
    }
    around.app.webhook_url = "http://127.0.0.1:9/"
    around.github.deliveries.append(row)
    assert around.running.reconciler.redeliver() == 1
    assert around.running.reconciler.redeliver() == 0
    around.github.settle()


def test_a_watch_whose_job_has_ended_gets_a_new_look(around: Around) -> None:
    around.watch("lost")
    known = around.running.watches.get("lost")
    assert known is not None
    around.running.durable.purge((known.job(0.0).id,))
    assert around.running.reconciler.wake() >= 1
    around.running.watches.close("lost")
    again = next(one for one in around.running.durable.states(prefix="tick:lost:"))
    assert again.id != known.job(0.0).id


def test_a_job_that_failed_for_a_moment_comes_again_later(around: Around) -> None:
    around.running.jobs.again("wake", {"repository": REPO, "key": "k"}, Transient("no answer", retry_after=900.0))
    state = around.running.durable.state("again:wake:k:1")
    assert state is not None
    assert state.status == "DELAYED"
    around.running.jobs.again("wake", {"repository": REPO, "key": "k", "tries": RETRIES}, Transient("no answer"))
    assert around.running.durable.state(f"again:wake:k:{RETRIES + 1}") is None


def test_what_is_quiet_is_looked_at_less_and_less() -> None:
    assert [patience(60.0, quiet) for quiet in (0, 15, 16, 18, 40)] == [60.0, 60.0, 120.0, 480.0, 3600.0]
    assert patience(7200.0, 40) == 7200.0


def test_what_comes_of_a_cause_is_said_where_it_was_seen(around: Around, number: int) -> None:
    jobs, repo = around.running.jobs, around.github.repos[REPO]
    place = jobs.places.at({"repository": REPO, "installation": around.installation})
    triage.unhealed(jobs, place, {"again": "own", "sha": OTHER}, "no fix is proven")
    assert any("could not be made again on the base at bbbbbbbbbbbb" in one["body"] for one in repo.comments)
    around.github.fault("POST", "/check-runs", 403, message="Resource not accessible by integration")
    triage.observed(place, {"sha": OTHER}, None)
    assert not [one for one in repo.checks if one["head_sha"] == OTHER]
    triage.observed(place, {"sha": OTHER}, None)
    assert [one["conclusion"] for one in repo.checks if one["head_sha"] == OTHER] == ["neutral"]


def test_a_pull_request_is_closed_by_its_command(around: Around, number: int) -> None:
    issue = {"number": number, "pull_request": {"url": "x"}}
    comment = said("/selfheal reject not wanted", number=990)
    around.deliver("issue_comment", action="created", issue=issue, comment=comment)
    assert around.github.repos[REPO].pulls[number]["state"] == "closed"
    around.running.watches.close("own")
