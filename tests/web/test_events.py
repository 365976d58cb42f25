"""What each event and action asks for; what is not handled, or holds nothing of ours, asks for nothing."""

from __future__ import annotations

from typing import Any

import pytest

from bot.web.events import EVENTS, jobs_of

AROUND: dict[str, Any] = {
    "repository": {"full_name": "o/n", "default_branch": "main"},
    "installation": {"id": 7},
    "sender": {"login": "ann"},
}
RUN = {
    "id": 5,
    "run_attempt": 2,
    "head_sha": "abc",
    "head_branch": "main",
    "conclusion": "failure",
    "name": "CI",
    "head_repository": {"full_name": "o/n"},
}
COMMENT = {"id": 3, "body": "/selfheal approve\nmore", "user": {"login": "ann", "type": "User"}}
ON_PULL = {"number": 4, "pull_request": {"a": 1}}
PULL = {"number": 4, "head": {"sha": "abc"}}


def names(event: str, **payload: Any) -> list[str]:
    return [one.name for one in jobs_of(event, {**AROUND, **payload}, "d1")]


@pytest.mark.parametrize(
    ("event", "payload", "wanted"),
    [
        ("workflow_run", {"action": "completed", "workflow_run": RUN}, ["wake", "heal"]),
        (
            "workflow_run",
            {"action": "completed", "workflow_run": {**RUN, "conclusion": "success"}},
            ["wake", "green", "measured"],
        ),
        (
            "workflow_run",
            {"action": "completed", "workflow_run": {**RUN, "conclusion": "success", "head_branch": "more"}},
            ["wake", "green"],
        ),
        ("workflow_run", {"action": "completed", "workflow_run": {**RUN, "conclusion": "cancelled"}}, ["wake"]),
        ("workflow_run", {"action": "requested", "workflow_run": RUN}, []),
        ("workflow_job", {"action": "completed", "workflow_job": {"head_sha": "abc"}}, ["wake"]),
        ("workflow_job", {"action": "queued", "workflow_job": {"head_sha": "abc"}}, []),
        ("check_run", {"action": "completed", "check_run": {"head_sha": "abc"}}, ["wake"]),
        ("check_run", {"action": "rerequested", "check_run": {"head_sha": "abc"}}, ["button"]),
        (
            "check_run",
            {"action": "requested_action", "check_run": {}, "requested_action": {"identifier": "reject"}},
            ["button"],
        ),
        ("check_run", {"action": "created", "check_run": {}}, []),
        ("check_suite", {"action": "completed", "check_suite": {"head_sha": "abc"}}, ["wake"]),
        ("status", {"sha": "abc", "state": "success"}, ["wake"]),
        ("push", {"ref": "refs/heads/main"}, ["wake"]),
        ("push", {"ref": "refs/heads/other"}, []),
        ("pull_request", {"action": "labeled", "pull_request": PULL}, ["wake"]),
        ("pull_request", {"action": "synchronize", "pull_request": PULL}, ["wake", "policy"]),
        ("pull_request", {"action": "opened", "pull_request": {}}, []),
        ("pull_request_review", {"action": "submitted", "pull_request": PULL, "review": {"body": None}}, ["wake"]),
        ("pull_request_review", {"action": "submitted", "pull_request": PULL, "review": COMMENT}, ["command", "wake"]),
        ("pull_request_review", {"action": "dismissed", "pull_request": PULL, "review": {}}, ["wake"]),
        ("pull_request_review_comment", {"action": "created", "pull_request": PULL, "comment": COMMENT}, ["command"]),
        ("pull_request_review_comment", {"action": "edited", "pull_request": PULL, "comment": COMMENT}, []),
        ("issue_comment", {"action": "created", "issue": ON_PULL, "comment": COMMENT}, ["command"]),
        ("issue_comment", {"action": "edited", "issue": ON_PULL, "comment": COMMENT}, []),
        ("issue_comment", {"action": "created", "issue": {"number": 4}, "comment": COMMENT}, []),
        (
            "issue_comment",
            {"action": "created", "issue": ON_PULL, "comment": {"body": "hello"}},
            [],
        ),
        ("installation", {"action": "deleted", "repositories": [{"full_name": "o/n"}]}, ["installation"]),
        ("installation_repositories", {"action": "added", "repositories_added": [{}]}, ["installation"]),
        ("repository", {"action": "renamed", "changes": {"repository": {"name": {"from": "old"}}}}, ["repository"]),
        ("repository", {"action": "edited"}, []),
        ("deployment", {"action": "created"}, ["wake"]),
        ("deployment_status", {"action": "created"}, ["wake"]),
        ("merge_group", {"action": "checks_requested"}, ["wake", "group"]),
        ("merge_group", {"action": "destroyed"}, ["wake"]),
        ("check_suite", {"action": "rerequested", "check_suite": {"head_sha": "abc"}}, ["wake", "button"]),
        ("ping", {"zen": "Keep it logically awesome."}, []),
        ("star", {"action": "created"}, []),
    ],
)  # fmt: skip
def test_an_event_asks_for_its_jobs(event: str, payload: dict[str, Any], wanted: list[str]) -> None:
    assert names(event, **payload) == wanted


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"action": "completed"},
        {"action": 3, "repository": "o/n", "installation": [], "workflow_run": 1, "issue": None},
    ],
)
def test_a_payload_that_is_not_as_expected_asks_for_nothing(event: str, payload: dict[str, Any]) -> None:
    assert jobs_of(event, payload, "d1") == ()


def test_the_same_run_is_the_same_job_whatever_the_delivery() -> None:
    first = jobs_of("workflow_run", {**AROUND, "action": "completed", "workflow_run": RUN}, "d1")[1]
    second = jobs_of("workflow_run", {**AROUND, "action": "completed", "workflow_run": RUN}, "d2")[1]
    assert first == second
    assert first.id == "heal:o/n:5.2"
    assert first.data["sha"] == "abc"
    assert first.data["fork"] is False


def test_a_run_from_a_fork_is_marked() -> None:
    run = {**RUN, "head_repository": {"full_name": "eve/n"}}
    job = jobs_of("workflow_run", {**AROUND, "action": "completed", "workflow_run": run}, "d1")[1]
    assert job.data["fork"] is True


def test_only_the_first_line_of_a_comment_is_a_command() -> None:
    payload = {"action": "created", "issue": ON_PULL, "comment": COMMENT}
    job = jobs_of("issue_comment", {**AROUND, **payload}, "d1")[0]
    assert (job.data["line"], job.data["user"], job.data["bot"]) == ("/selfheal approve", "ann", False)
