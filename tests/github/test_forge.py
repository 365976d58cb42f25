"""The forge on GitHub against the stand-in: what is there is adopted, what failed half-way is looked at first."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.adapters import github_fetch, github_merges, github_queue
from bot.adapters.github_client import Client, GitHubApp
from bot.adapters.github_forge import GitHubForge
from bot.adapters.github_reviewers import reviewers
from bot.errors import Declined, Refused, Transient
from bot.model import FileEdit, PullRequest
from tests.github import StandIn
from tests.github.test_client import REPO, settings

EDIT = (FileEdit(path="a.py", text="x = 2\n"),)
BODY = "<!-- selfheal:a1b2c3d4:fix -->"


@pytest.fixture
def github(tmp_path: Path) -> Iterator[StandIn]:
    with StandIn(tmp_path / "github", actions=False) as made:
        made.repo(REPO, {"a.py": "x = 1\n", "b.py": "y = 1\n"})
        yield made


@pytest.fixture
def client(github: StandIn, tmp_path: Path) -> Client:
    app = github.app()
    return GitHubApp(settings(github, app, tmp_path)).client(github.install(app, REPO), REPO)


@pytest.fixture
def forge(client: Client) -> GitHubForge:
    return GitHubForge(client, "selfheal")


def opened(forge: GitHubForge, name: str = "auto-fix/x") -> PullRequest:
    branch = forge.branch(name, "main")
    sha = forge.commit(branch, EDIT, "Fix it")
    return forge.open(branch.model_copy(update={"head_sha": sha}), "title", BODY, ("self-healing",))


@pytest.mark.parametrize("part", ["/git/refs", "/pulls", "/comments"])
def test_an_effect_whose_answer_is_lost_is_not_made_twice(github: StandIn, forge: GitHubForge, part: str) -> None:
    github.fault("POST", part, 502, after=True)
    pull = opened(forge)
    forge.comment(pull.number, "<!-- selfheal:a1b2c3d4:status -->", "said")
    forge.comment(pull.number, "<!-- selfheal:a1b2c3d4:status -->", "said")
    assert (github.effects["branch"], github.effects["pull"], github.effects["comment"]) == (1, 1, 1)


@pytest.mark.parametrize("part", ["/git/refs", "/pulls", "/comments"])
def test_an_effect_that_was_not_made_is_said(github: StandIn, forge: GitHubForge, part: str) -> None:
    if part == "/comments":
        opened(forge)
    github.fault("POST", part, 502)
    with pytest.raises(Transient):
        forge.comment(1, "<!-- x -->", "said") if part == "/comments" else opened(forge)


def test_what_is_there_is_adopted_and_brought_up_to_date(github: StandIn, forge: GitHubForge) -> None:
    first = opened(forge)
    branch = forge.branch("auto-fix/x", "main")
    assert branch.adopted
    assert forge.commit(branch, EDIT, "Fix it") == first.head_sha
    assert forge.open(branch, "another title", BODY, ()).number == first.number
    assert github.repos[REPO].pulls[1]["title"] == "another title"
    assert forge.find("selfheal:a1b2c3d4")[0].number == 1
    assert not forge.holds(EDIT)


def test_a_merge_that_answered_500_is_looked_at(github: StandIn, forge: GitHubForge) -> None:
    pull = opened(forge)
    github.fault("PUT", "/merge", 500, after=True)
    assert forge.merge(1, pull.head_sha, "squash").merged
    assert forge.merge(1, pull.head_sha, "squash").merged
    assert github.effects["merge"] == 1
    assert forge.head_of("auto-fix/x") is None
    assert forge.holds(EDIT)


@pytest.mark.parametrize("status", [405, 409])
def test_a_merge_that_is_refused_says_why(github: StandIn, forge: GitHubForge, status: int) -> None:
    pull = opened(forge)
    github.fault("PUT", "/merge", status, message="Base branch was modified")
    made = forge.merge(1, pull.head_sha, "squash")
    assert not made.merged
    assert "Base branch was modified" in made.reason
    github.fault("PUT", "/merge", 500)
    with pytest.raises(Transient):
        forge.merge(1, pull.head_sha, "squash")


@pytest.mark.parametrize(
    ("owners", "people", "teams"),
    [
        (("@ann", "@acme/core", "@ann", "@else/core", "bob@example.com"), ["ann"], ["core"]),
        (("@selfheal[bot]", "@Acme/Core"), [], ["Core"]),
        (tuple(f"@u{number}" for number in range(20)), [f"u{number}" for number in range(15)], []),
        ((), [], []),
    ],
    ids=["of every kind", "not us", "not too many", "nobody"],
)
def test_owners_who_can_be_asked(owners: tuple[str, ...], people: list[str], teams: list[str]) -> None:
    assert reviewers(owners, "acme", "selfheal[bot]") == (people, teams)


def test_owners_are_asked_once_and_whoever_can_not_be_is_left_out(github: StandIn, forge: GitHubForge) -> None:
    opened(forge)
    repo = github.repos[REPO]
    repo.people |= {"ann": "write", "eve": "read"}
    github.teams["acme/core"] = {"ann"}
    forge.ask(1, ("@eve",))
    forge.ask(1, ("bob@example.com",))
    assert "asked" not in github.effects
    for _ in range(2):
        forge.ask(1, ("@eve", "@ann", "@acme/core"))
    assert [one["login"] for one in repo.pulls[1]["requested_reviewers"]] == ["ann"]
    assert [one["slug"] for one in repo.pulls[1]["requested_teams"]] == ["core"]
    assert github.effects["asked"] == 2
    repo.pulls[1] |= {"requested_reviewers": [], "requested_teams": []}
    github.fault("POST", "/requested_reviewers", 502)
    forge.ask(1, ("@ann",))
    assert github.effects["asked"] == 2


def test_github_merges_by_itself_only_where_it_may_and_that_can_help(github: StandIn, forge: GitHubForge) -> None:
    pull, repo = opened(forge), github.repos[REPO]
    repo.reviews_wanted = 1
    assert "as soon as" not in forge.merge(1, pull.head_sha, "squash").reason
    repo.auto_merge = True
    for _ in range(2):
        assert "as soon as" in forge.merge(1, pull.head_sha, "squash").reason
    assert github.effects["auto-merge"] == 1
    forge.withdraw(1)
    assert repo.pulls[1]["auto_merge"] is None
    github.fault("POST", "/graphql", 403, message="Resource not accessible by integration")
    assert "as soon as" not in forge.merge(1, pull.head_sha, "squash").reason
    repo.pulls[1]["auto_merge"] = {"merge_method": "squash", "enabled_by": {"login": "ann"}}
    forge.withdraw(1)
    assert repo.pulls[1]["auto_merge"]
    assert "as soon as" not in forge.merge(1, "0" * 40, "squash").reason


def test_a_place_in_a_queue_is_given_back(github: StandIn, forge: GitHubForge) -> None:
    pull, repo = opened(forge), github.repos[REPO]
    repo.rules = [{"type": "merge_queue"}]
    forge.withdraw(1)
    for _ in range(2):
        assert "queued at place 1" in forge.merge(1, pull.head_sha, "squash").reason
    forge.withdraw(1)
    assert repo.queued == []
    assert "does not take it" in forge.merge(1, "0" * 40, "squash").reason


def test_a_merge_that_is_not_shown_yet_is_believed(
    forge: GitHubForge, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    pull = opened(forge)
    monkeypatch.setattr(github_merges, "merged", lambda *_: None)
    made = github_merges.made(client, 1, pull.head_sha, "squash")
    assert (made.merged, made.sha) == (True, forge.head_of("main"))
    assert not github_merges.made(client, 1, pull.head_sha, "squash").merged


def test_a_queue_that_names_no_place_is_fine(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([{"repository": {"pullRequest": {"id": "1", "mergeQueueEntry": None}}}])
    entered = {"enqueuePullRequest": {"mergeQueueEntry": None}}
    monkeypatch.setattr(client, "graphql", lambda *_: next(answers, entered))
    assert github_queue.enqueue(client, 1, "a" * 40) == "it was put into the merge queue"


def test_our_own_merge_is_taken_back_once_and_not_over_others(github: StandIn, forge: GitHubForge) -> None:
    merge = forge.merge(1, opened(forge).head_sha, "squash")
    made = forge.revert(merge, "Revert", "why")
    assert made.branch == f"revert/{merge.sha[:12]}"
    assert forge.revert(merge, "Revert", "why").number == made.number
    assert github.repos[REPO].git.git("show", f"{made.head_sha}:a.py") == "x = 1"
    github.write(REPO, "main", {"a.py": "x = 3\n"}, quiet=True)
    github.repos[REPO].git.git("update-ref", "-d", f"refs/heads/{made.branch}")
    with pytest.raises(Refused, match="was changed since"):
        forge.revert(merge, "Revert", "why")


def test_a_deployment_is_asked_for_once_and_followed(github: StandIn, forge: GitHubForge) -> None:
    sha = str(forge.head_of("main"))
    github.fault("POST", "/deployments", 502, after=True)
    first = forge.deploy(sha, "production", "deployment", "")
    assert forge.deploy(sha, "production", "deployment", "").id == first.id
    assert (first.state, github.effects["deployment"]) == ("pending", 1)
    github.repos[REPO].deployments[0]["states"].append("success")
    assert forge.rollout(first).state == "success"
    github.fault("POST", "/deployments", 502)
    with pytest.raises(Transient):
        forge.deploy(sha, "elsewhere", "deployment", "")


def test_a_workflow_is_asked_for_once_and_followed(github: StandIn, forge: GitHubForge) -> None:
    sha = str(forge.head_of("main"))
    first = forge.deploy(sha, "production", "workflow", "deploy.yml")
    assert forge.deploy(sha, "production", "workflow", "deploy.yml").id == first.id
    assert (first.state, github.effects["dispatch"]) == ("queued", 1)
    github.repos[REPO].runs[int(first.id)] |= {"status": "completed", "conclusion": "success"}
    assert forge.rollout(first).state == "success"
    assert forge.rollout(first.model_copy(update={"id": ""})).id == ""


def test_a_deployment_that_may_not_be_made_is_said(github: StandIn, forge: GitHubForge) -> None:
    sha = str(forge.head_of("main"))
    for status in (403, 409):
        github.fault("POST", "/deployments", status, message="no deployments here")
        made = forge.deploy(sha, "production", "deployment", "")
        assert (made.kind, "no deployments here" in made.reason) == ("none", True)


def test_a_workflow_that_runs_on_a_later_head_is_not_asked_for_again(github: StandIn, forge: GitHubForge) -> None:
    sha = str(forge.head_of("main"))
    time.sleep(1.1)
    github.write(REPO, "main", {"b.py": "y = 2\n"}, quiet=True)
    ids = {forge.deploy(sha, "production", "workflow", "deploy.yml").id for _ in range(2)}
    assert (len(ids), github.effects["dispatch"]) == (1, 1)


def test_a_commit_that_is_there_costs_no_write(github: StandIn, forge: GitHubForge) -> None:
    edits = (*EDIT, FileEdit(path="b.py", text=None), FileEdit(path="never.py", text=None))
    branch = forge.branch("auto-fix/x", "main")
    first = forge.commit(branch, edits, "Fix it")
    writes = sum(method == "POST" for method, _, _ in github.requests)
    assert forge.commit(branch, edits, "Fix it") == first
    base = github.write(REPO, "main", {"c.py": "z = 1\n"}, quiet=True)
    second = forge.commit(branch, edits, "Fix it", onto=base)
    made = sum(method == "POST" for method, _, _ in github.requests)
    assert forge.commit(branch, edits, "Fix it", onto=base) == second != first
    assert (made > writes, sum(method == "POST" for method, _, _ in github.requests)) == (True, made)


def test_a_merge_that_may_not_be_made_is_told(github: StandIn, forge: GitHubForge) -> None:
    pull = opened(forge)
    github.fault("PUT", "/merge", 403, message="Resource not accessible by integration")
    assert "not accessible" in forge.merge(1, pull.head_sha, "squash").reason
    github.fault("POST", "/labels", 403, message="Resource not accessible by integration")
    assert forge.open(forge.branch("auto-fix/x", "main"), "title", BODY, ("new",)).labels == ("self-healing",)


def test_a_commit_is_fetched_with_git(github: StandIn, client: Client, tmp_path: Path) -> None:
    sha = github.write(REPO, "main", {"c.py": "z = 1\n"}, quiet=True)
    checkout = github_fetch.source(client, sha, tmp_path / "checkout")
    assert (checkout / "c.py").read_text() == "z = 1\n"
    assert github_fetch.source(client, sha, tmp_path / "checkout") == checkout
    with pytest.raises(Transient, match=r"git \w+ failed"):
        github_fetch.source(client, "0" * 40, tmp_path / "checkout")
    github.repos[REPO].git.git("config", "uploadpack.allowAnySHA1InWant", "false")
    github.tokens.clear()
    assert (github_fetch.source(client, sha, tmp_path / "other") / "c.py").is_file()


def test_a_branch_whose_base_is_gone_is_declined(forge: GitHubForge) -> None:
    with pytest.raises(Declined, match="not there"):
        forge.branch("x", "nowhere")
