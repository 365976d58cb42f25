"""The client against the stand-in: signing in, pages, ETags, limits, redirects, other base addresses."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.adapters import github_fetch
from bot.adapters.github_answers import Answer, Conflict, Missing, Pacer
from bot.adapters.github_client import Cache, Client, GitHubApp
from bot.adapters.github_forge import GitHubForge
from bot.errors import Declined, Misconfigured, Refused, Transient
from bot.model import Annotation, CheckState, FileEdit
from bot.notes import KIND
from bot.settings import Settings, read
from tests.github import App, StandIn

REPO = "acme/depot"
FILES = {"run.sh": "exit 0\n", "tools/deep/go.sh": "exit 0\n", "a.py": "x = 1\n"}


@pytest.fixture
def github(tmp_path: Path) -> Iterator[StandIn]:
    with StandIn(tmp_path / "github", actions=False, prefix="/api/v3") as made:
        made.repo(REPO, FILES)
        yield made


@pytest.fixture
def app(github: StandIn) -> App:
    made = github.app()
    github.install(made, REPO)
    return made


def settings(github: StandIn, app: App, folder: Path, **more: str) -> Settings:
    given = {"APP_ID": str(app.id), "PRIVATE_KEY": app.pem, "SELFHEAL_PACE_SECONDS": "0", **more}
    return read({"GITHUB_API_URL": github.api_url + "/", "GITHUB_SERVER_URL": github.url, **given}, state=str(folder))


@pytest.fixture
def client(github: StandIn, app: App, tmp_path: Path) -> Client:
    own = GitHubApp(settings(github, app, tmp_path))
    return own.client(own.installation_of(REPO), REPO)


def tokens(github: StandIn) -> int:
    return sum("access_tokens" in path and status == 201 for _, path, status in github.requests)


def test_all_pages_are_read_by_their_links(github: StandIn, client: Client) -> None:
    github.page_size = 2
    for number in range(5):
        github.add_comment(github.repos[REPO], 1, "ann", f"comment {number}")
        github.repos[REPO].statuses.append({"sha": "a" * 40, "context": f"c{number}", "state": "success"})
    assert len(client.pages("/issues/1/comments")) == 5
    assert len(client.pages("/issues/1/comments", limit=3)) == 3
    assert len(client.pages(f"/commits/{'a' * 40}/status", key="statuses")) == 5


def test_what_is_known_is_asked_for_with_its_etag(github: StandIn, app: App, client: Client) -> None:
    first = client.get("")
    again = client.app.client(client.installation, REPO).get("")
    assert first == again
    assert [status for _, path, status in github.requests if path == f"/repos/{REPO}"] == [200, 304]


def test_a_cache_forgets_the_oldest() -> None:
    cache = Cache(size=2)
    for number in range(3):
        cache.put((1, str(number)), Answer(200, {"etag": "x"}, number))
    cache.put((1, "3"), Answer(200, {}, 3))
    assert [cache.get((1, str(number))) is not None for number in range(4)] == [False, True, True, False]


def test_a_refused_token_is_renewed_once(github: StandIn, client: Client) -> None:
    client.get("")
    github.tokens.clear()
    assert client.get("")["full_name"] == REPO
    assert tokens(github) == 2
    github.fault("GET", "/pulls", 401, times=5)
    with pytest.raises(Declined, match="uninstalled"):
        client.get("/pulls")


def test_a_permission_that_was_not_granted_is_done_without(github: StandIn, app: App, client: Client) -> None:
    app.permissions = {"metadata": "read", "contents": "read", "issues": "write"}
    assert client.get("")["full_name"] == REPO
    assert tokens(github) == 1


def test_an_app_that_is_gone_is_declined(github: StandIn, app: App, client: Client) -> None:
    app.installations.clear()
    with pytest.raises(Missing):
        client.get("")
    with pytest.raises(Declined):
        client.app.installation_of(REPO)


def test_a_foreign_key_is_misconfigured(github: StandIn, app: App, tmp_path: Path) -> None:
    other = GitHubApp(settings(github, github.app("other"), tmp_path, APP_ID=str(app.id)))
    with pytest.raises(Misconfigured, match="refuses the App"):
        other.slug()


def test_a_read_is_tried_again_and_a_write_is_not(github: StandIn, client: Client) -> None:
    github.fault("GET", "/pulls", 502, times=2)
    assert client.get("/pulls") == []
    github.fault("POST", "/comments", 502, after=True)
    with pytest.raises(Transient):
        client.write("POST", "/issues/1/comments", {"body": "x"})
    assert github.effects["comment"] == 1


@pytest.mark.parametrize(
    ("status", "headers", "message", "wait"),
    [
        (403, {"Retry-After": "30"}, "You have exceeded a secondary rate limit", 30),
        (429, {"Retry-After": "7"}, "slow down", 7),
        (403, {}, "You have exceeded a secondary rate limit", 60),
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "{soon}"}, "API rate limit exceeded", 90),
    ],
)
def test_limits_hold_all_calls_back(  # noqa: PLR0917 - parametrised
    github: StandIn, client: Client, status: int, headers: dict[str, str], message: str, wait: int
) -> None:
    given = {key: value.format(soon=int(time.time()) + 90) for key, value in headers.items()}
    github.fault("GET", "/pulls", status, headers=given, message=message)
    with pytest.raises(Transient) as limited:
        client.get("/pulls")
    assert limited.value.retry_after == pytest.approx(wait, abs=3)
    before = len(github.requests)
    with pytest.raises(Transient):
        client.get("/issues/1/comments")
    assert len(github.requests) == before


def test_a_permission_that_is_missing_is_no_limit(github: StandIn, client: Client) -> None:
    github.fault("GET", "/pulls", 403, message="Resource not accessible by integration")
    with pytest.raises(Declined, match="not accessible"):
        client.get("/pulls")


def test_refusals_are_told_apart(github: StandIn, client: Client) -> None:
    for status in (405, 409, 422):
        github.fault("POST", "/comments", status)
        with pytest.raises(Conflict) as refused:
            client.write("POST", "/issues/1/comments", {"body": "x"})
        assert refused.value.status == status
    assert client.get("/git/ref/heads/nothing", missing=True) is None
    with pytest.raises(Missing):
        client.get("/git/ref/heads/nothing")


def test_what_has_moved_is_followed(github: StandIn, client: Client) -> None:
    for status in (301, 302, 307):
        github.fault("GET", "/pulls", status, headers={"Location": f"{github.api_url}/repos/{REPO}/deployments"})
        assert client.get("/pulls") == []
    to = f"{github.api_url}/repos/{REPO}/issues/2/comments"
    github.fault("POST", "/issues/1/comments", 307, headers={"Location": to})
    client.write("POST", "/issues/1/comments", {"body": "x"})
    assert github.repos[REPO].comments[0]["issue"] == 2
    github.fault("GET", "/pulls", 301, headers={"Location": "http://127.0.0.2/else"})
    with pytest.raises(Declined, match="another one"):
        client.get("/pulls")


def test_no_answer_at_all_is_transient(github: StandIn, app: App, tmp_path: Path) -> None:
    own = GitHubApp(settings(github, app, tmp_path, GITHUB_API_URL="http://127.0.0.1:9"))
    with pytest.raises(Transient, match="did not answer"):
        own.slug()


def test_logs_come_without_the_token_reaching_the_link(github: StandIn, client: Client, tmp_path: Path) -> None:
    github.repos[REPO].logs[7] = b"zip"
    assert github_fetch.run_logs(client, 7, 1, tmp_path / "x" / "logs.zip").read_bytes() == b"zip"
    github.tokens.clear()
    assert github_fetch.run_logs(client, 7, 1, tmp_path / "logs.zip").read_bytes() == b"zip"
    with pytest.raises(Declined):
        github_fetch.run_logs(client, 8, 1, tmp_path / "none.zip")
    github.fault("GET", "/logs", 500)
    with pytest.raises(Transient):
        github_fetch.run_logs(client, 7, 1, tmp_path / "none.zip")
    assert not zipfile.is_zipfile(tmp_path / "logs.zip")


def test_logs_of_jobs_stand_in_for_a_zip_that_is_not_there(github: StandIn, client: Client, tmp_path: Path) -> None:
    repo = github.repos[REPO]
    repo.logs[31] = b"job log"
    repo.jobs[9] = [
        {"id": 31, "name": "a b", "conclusion": "failure"},
        {"id": 32, "name": "c", "conclusion": "success"},
    ]
    with zipfile.ZipFile(github_fetch.run_logs(client, 9, 1, tmp_path / "logs.zip")) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {"0_ab.txt": b"job log"}
    github.fault("GET", "/actions/runs/9/jobs", 403, message="Resource not accessible by integration")
    with pytest.raises(Declined):
        github_fetch.run_logs(client, 9, 1, tmp_path / "none.zip")


def test_artifacts_that_are_gone_are_left_out(github: StandIn, client: Client, tmp_path: Path) -> None:
    repo = github.repos[REPO]
    named = {41: "coverage", 42: "junit", 43: "wheels", 44: "telemetry"}
    for key, name in named.items():
        repo.artifacts[key] = {"id": key, "run": 9, "name": name, "expired": key == 44, "data": b"zip"}
    github.fault("GET", "/artifacts/42/zip", 410)
    assert [path.name for path in github_fetch.artifacts(client, 9, tmp_path)] == ["41.zip"]
    github.fault("GET", "/artifacts", 403, message="Resource not accessible by integration")
    assert github_fetch.artifacts(client, 9, tmp_path) == ()


def test_a_renamed_repository_is_followed_with_the_token_and_its_data_without(
    github: StandIn, client: Client, tmp_path: Path
) -> None:
    github.repos[REPO].logs[7] = b"zip"
    to = f"{github.api_url}/repos/{REPO}/actions/runs/7/attempts/1/logs"
    github.fault("GET", "/logs", 301, headers={"Location": to})
    assert github_fetch.run_logs(client, 7, 1, tmp_path / "logs.zip").read_bytes() == b"zip"
    github.fault("GET", "/installation", 307, headers={"Location": f"{github.api_url}/repos/{REPO}/installation"})
    assert client.app.installation_of(REPO) == client.installation
    github.fault("GET", "/installation", 307, times=9, headers={"Location": f"/repos/{REPO}/installation"})
    with pytest.raises(Declined, match="circle"):
        client.app.installation_of(REPO)


def test_pages_are_read_where_github_calls_itself_otherwise(client: Client) -> None:
    assert client.app.local("http://localhost:1/api/v3/repositories/1/pulls?page=2") == "/repositories/1/pulls?page=2"
    assert client.app.local("") == ""


def test_the_server_lies_where_the_api_does() -> None:
    for api, server in (
        ("https://api.github.com", "https://github.com"),
        ("https://ghe.example.com/api/v3", "https://ghe.example.com"),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
    ):
        assert read({"GITHUB_API_URL": api}).github_server_url == server


def test_what_was_just_made_may_be_seen_a_little_later(github: StandIn, client: Client) -> None:
    client.write("POST", "/issues", {"title": "t", "body": "b"})
    github.fault("GET", "/branches/main", 404)
    assert client.get("/branches/main")["name"] == "main"


def test_a_limit_on_questions_of_graphql_is_waited_for(github: StandIn, client: Client) -> None:
    answer = {"data": None, "errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}
    github.fault("POST", "/graphql", 200, body=answer)
    with pytest.raises(Transient, match="exceeded"):
        client.graphql("query { viewer { login } }", {})


def test_modes_are_kept_wherever_the_file_lies(github: StandIn, client: Client) -> None:
    git = github.repos[REPO].git
    head = git.head("main")
    entries = [{"path": path, "mode": "100755", "sha": git.blob(b"x")} for path in ("run.sh", "tools/deep/go.sh")]
    git.point("main", git.commit(git.tree(head, entries), [str(head)], "executable", "ann"))
    forge = GitHubForge(client, "selfheal")
    edits = [FileEdit(path=path, text="exit 1\n") for path in ("run.sh", "tools/deep/go.sh", "new/b.py", "a.py")]
    sha = forge.commit(forge.branch("fix", "main"), tuple(edits), "change them")
    modes = {line.split()[3]: line.split()[0] for line in git.git("ls-tree", "-r", sha).splitlines()}
    assert modes == {"run.sh": "100755", "tools/deep/go.sh": "100755", "new/b.py": "100644", "a.py": "100644"}


def test_the_worse_of_two_checks_of_one_name_counts(github: StandIn, client: Client) -> None:
    repo, sha = github.repos[REPO], "a" * 40
    base = {"name": "tests", "head_sha": sha, "status": "completed", "html_url": "x"}
    repo.checks += [{**base, "id": 1, "conclusion": "failure"}, {**base, "id": 2, "conclusion": "success"}]
    repo.statuses.append({"sha": sha, "context": "tests", "state": "pending"})
    assert [(one.name, one.conclusion) for one in GitHubForge(client, "selfheal").checks(sha)] == [("tests", "failure")]


def test_a_check_of_another_app_is_not_written_over(github: StandIn, client: Client) -> None:
    sha = "a" * 40
    theirs = {"id": 5, "name": "selfheal", "head_sha": sha, "status": "completed", "conclusion": "success"}
    github.repos[REPO].checks.append({**theirs, "app": {"slug": "other"}})
    forge = GitHubForge(client, "selfheal")
    for conclusion in ("neutral", "neutral", "success"):
        forge.report(sha, CheckState(name="selfheal", status="completed", conclusion=conclusion), "said")
    states = [(one["app"]["slug"], one["conclusion"]) for one in github.repos[REPO].checks]
    assert states == [("other", "success"), ("selfheal", "success")]


def test_remarks_are_added_once_and_fifty_at_a_time(github: StandIn, client: Client) -> None:
    sha, forge = "b" * 40, GitHubForge(client, "selfheal")
    notes = tuple(Annotation(path="a.py", line=number, title="cause", message="here") for number in range(1, 121))
    plain = CheckState(name="selfheal", status="completed", conclusion="success")
    linked = plain.model_copy(update={"url": "https://example.com/1", "annotations": notes[:60]})
    for check in (plain, linked, linked, linked.model_copy(update={"annotations": notes})):
        forge.report(sha, check, "said")
    forge.report("c" * 40, linked.model_copy(update={"annotations": notes[:2]}), "said")
    made, other = github.repos[REPO].checks
    assert [one["start_line"] for one in made["output"]["annotations"]] == list(range(1, 121))
    assert "actions" not in made or not made["actions"]
    assert [one["identifier"] for one in other["actions"]] == ["approve", "reject", "explain"]
    assert other["details_url"] == "https://example.com/1"
    assert other["output"]["annotations_count"] == 2


def test_writes_keep_their_distance() -> None:
    slept: list[float] = []
    pacer = Pacer(1.0, now=lambda: 100.0, sleep=slept.append)
    for method in ("POST", "GET", "PATCH"):
        pacer.before(method)
    assert slept == [1.0]


def test_what_creates_content_keeps_to_the_caps() -> None:
    at = iter(range(10_000))
    pacer = Pacer(0.001, now=lambda: float(next(at)) / 1000, sleep=lambda _seconds: None)
    for path in ("/pulls", "/git/blobs", "/graphql", "/git/trees") * 80:
        pacer.before("POST", path)
    pacer.before("GET", "/pulls")
    with pytest.raises(Transient, match="80 writes within 60 s") as enough:
        pacer.before("PATCH", "/pulls/1")
    assert 50 < (enough.value.retry_after or 0) < 60
    slow = Pacer(1.0, now=lambda: float(next(at)), sleep=lambda _seconds: None)
    for _ in range(500):
        slow.before("POST", "/pulls")
    with pytest.raises(Transient, match="500 writes within 3600 s"):
        slow.before("POST", "/pulls")
    off = Pacer(0.0, now=lambda: 1.0)
    for _ in range(600):
        off.before("POST", "/pulls")


def test_an_unsafe_address_is_refused() -> None:
    for address in ("http://github.example.com", "ftp://127.0.0.1", "github.com"):
        with pytest.raises(Misconfigured):
            read({"GITHUB_API_URL": address})


def test_an_offer_is_an_issue_or_a_comment_and_is_made_once(github: StandIn, client: Client) -> None:
    forge, mark, repo = GitHubForge(client, client.app.slug()), "<!-- selfheal:0a0a0a0a:offer -->", github.repos[REPO]
    first = forge.offer(mark, "title", f"{mark}\nfirst")
    assert forge.offer(mark, "title", f"{mark}\nsecond") == first
    assert [one["body"] for one in repo.issues.values()] == [f"{mark}\nsecond"]
    github.fault("POST", "/issues", 502, after=True)
    other = mark.replace("0a", "1b")
    assert forge.offer(other, "title", f"{other}\ntext") != first
    assert len(repo.issues) == 2
    branch = forge.branch("feature", "main")
    forge.commit(branch, (FileEdit(path="b.py", text="y = 1\n"),), "more")
    pull = forge.open(branch, "theirs", "", ())
    there = GitHubForge(client, client.app.slug(), base="feature")
    assert there.offer(mark, "title", f"{mark}\nthird") == pull.url
    assert [one["issue"] for one in repo.comments] == [pull.number]


def opened(github: StandIn, client: Client) -> GitHubForge:
    """Return a forge with one pull request of the App."""
    github.repos[REPO].people |= {"ann": "write", "bob": "admin"}
    forge = GitHubForge(client, "selfheal", teams=("@acme/core",))
    branch = forge.branch("fix", "main")
    sha = forge.commit(branch, (FileEdit(path="a.py", text="x = 2\n"),), "change it")
    forge.open(branch.model_copy(update={"head_sha": sha}), "title", "<!-- selfheal:a1b2c3d4:fix -->", ())
    return forge


def test_a_permission_that_can_not_be_read_is_none(github: StandIn, client: Client) -> None:
    forge = opened(github, client)
    github.fault("GET", "/permission", 403, message="Resource not accessible by integration")
    assert forge.permission("ann") == "none"


@pytest.mark.parametrize(
    ("commit", "ours"),
    [
        ({"author": {"login": "selfheal[bot]"}, "commit": {"author": None}}, True),
        ({"author": {"login": "ann"}, "commit": {"author": {"name": "selfheal[bot]"}}}, False),
        ({"author": None, "commit": {"author": {"name": "selfheal[bot]", "email": None}}}, True),
        ({"author": None, "commit": {"author": {"email": "7+selfheal[bot]@users.noreply.github.com"}}}, True),
        ({"author": None, "commit": {"author": None}}, False),
    ],
    ids=["ours", "a person's", "by name", "by address", "nobody's"],
)
def test_whose_a_commit_is(client: Client, commit: dict[str, object], ours: bool) -> None:
    assert GitHubForge(client, "selfheal")._ours(commit) is ours


def test_required_checks_are_read_in_both_forms(github: StandIn, client: Client) -> None:
    github.repos[REPO].required = ["deep"]
    ruled = {"type": "required_status_checks", "parameters": {"required_status_checks": [{"context": "wide"}]}}
    github.repos[REPO].rules = [ruled]
    assert GitHubForge(client, "selfheal").required_checks("main") == ("deep", "wide")


def test_approvals_know_permission_and_teams(github: StandIn, client: Client) -> None:
    forge = opened(github, client)
    github.teams["acme/core"] = {"bob"}
    for user in ("ann", "bob", "eve"):
        github.review(REPO, 1, user, "APPROVED")
    given = {one.user: (one.permission, one.teams) for one in forge.approvals(1)}
    assert given == {"ann": ("write", ()), "bob": ("admin", ("@acme/core",)), "eve": ("read", ())}
    github.fault("GET", "/memberships/", 403, message="Resource not accessible by integration")
    assert [one.teams for one in forge.approvals(1)] == [(), ("@acme/core",), ()]


def test_a_word_on_the_head_goes_before_a_review_of_an_earlier_commit(github: StandIn, client: Client) -> None:
    forge = opened(github, client)
    github.review(REPO, 1, "ann", "APPROVED")
    first = forge.pull_request(1).head_sha
    branch = forge.branch("fix", "main")
    head = forge.commit(branch, (FileEdit(path="a.py", text="x = 3\n"),), "change it again")
    notes = forge.notes(1).approve("ann", head)
    forge.comment(1, f"<!-- selfheal:a1b2c3d4:{KIND} -->", notes.text("a1b2c3d4"))
    assert first != head
    assert [(one.user, one.sha) for one in forge.approvals(1)] == [("ann", head)]


def test_what_a_deleted_account_said_does_no_harm(github: StandIn, client: Client) -> None:
    forge = opened(github, client)
    github.add_comment(github.repos[REPO], 1, "ghost", "hello")["user"] = None
    forge.comment(1, "<!-- selfheal:a1b2c3d4:status -->", "said")
    assert forge.notes(1).approvals == ()


def test_an_unsigned_commit_is_refused_where_signatures_are_demanded(github: StandIn, client: Client) -> None:
    github.signs = False
    opened(github, client)
    github.repos[REPO].rules.append({"type": "required_signatures"})
    forge = GitHubForge(client, "selfheal")
    with pytest.raises(Refused, match="signed commits"):
        forge.commit(forge.branch("other", "main"), (FileEdit(path="a.py", text="x = 4\n"),), "change it")
