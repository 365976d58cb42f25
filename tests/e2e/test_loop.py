"""The whole loop on the stand-in: a bug is pushed, and a merged fix comes out when a person approves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import repos
from tests.github import App, StandIn
from tests.github.bot import Bot, post

WORKFLOW = (
    "name: CI\non: [push]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: python -m pytest\n"
)
FILES = {**repos.GOOD, ".github/workflows/ci.yml": WORKFLOW}
REPO = "acme/depot"


@pytest.fixture
def github(tmp_path: Path) -> Iterator[StandIn]:
    with StandIn(tmp_path / "github") as made:
        yield made


@pytest.fixture
def app(github: StandIn) -> App:
    github.repo(REPO, FILES)
    github.repos[REPO].people |= {"ann": "write", "eve": "read"}
    made = github.app()
    github.install(made, REPO)
    return made


@pytest.fixture
def bot(github: StandIn, app: App, tmp_path: Path) -> Iterator[Bot]:
    with Bot(github, app, tmp_path) as made:
        yield made


def broken(name: str) -> dict[str, str]:
    """Return the files that a fault changes."""
    fault = repos.FAULTS[name]
    return {fault.file: repos.GOOD[fault.file].replace(fault.old, fault.new, 1), **fault.more}


def opened(github: StandIn) -> bool:
    """Return whether a pull request is there whose checks are green."""
    pulls = github.repos[REPO].pulls
    heads = {one["head_sha"] for one in github.repos[REPO].checks if one["conclusion"] == "success"}
    return bool(pulls) and pulls[1]["head"]["sha"] in heads


def merged(github: StandIn) -> bool:
    """Return whether the pull request is merged."""
    return bool(github.repos[REPO].pulls[1]["merged_at"])


def uploaded(bot: Bot, path: str, body: bytes, kind: str = "text/plain", token: str | None = None) -> int:
    """Send an upload with a token of the repository and return the status."""
    sent = token if token is not None else bot.token(REPO)
    return post(f"http://127.0.0.1:{bot.port}{path}", body, kind, sent)


@pytest.mark.timeout(600)
def test_a_log_from_another_ci_becomes_a_merged_fix(github: StandIn, bot: Bot) -> None:
    github.actions = False
    sha = github.write(REPO, "main", broken("missing import"))
    log = b"FAILED tests/test_stock.py::test_pallets - NameError: name 'math' is not defined\n== 1 failed in 0.1s ==\n"
    where = f"/api/logs?repository={REPO}&sha={sha}&ref=refs/heads/main"
    assert uploaded(bot, where, log) == 202
    assert uploaded(bot, where, log) == 202
    github.actions = True
    bot.until(lambda: opened(github), 300, "a pull request with green checks")
    github.review(REPO, 1, "ann", "APPROVED")
    bot.until(lambda: merged(github), 150, "the merge")
    assert github.effects["pull"] == 1


def test_uploads_are_refused_without_the_right_token(github: StandIn, bot: Bot) -> None:
    where = f"/api/logs?repository={REPO}&sha={'0' * 40}"
    assert uploaded(bot, where, b"x", token="") == 401
    assert uploaded(bot, where, b"x", token="shu_wrong") == 401
    assert uploaded(bot, f"/api/logs?repository=other/one&sha={'0' * 40}", b"x") == 403
    assert uploaded(bot, f"/api/logs?repository={REPO}&sha=nothing", b"x") == 400
    assert uploaded(bot, where, b"", "text/plain") == 400
    assert uploaded(bot, where, b"x", "video/mp4") == 415
    assert uploaded(bot, "/v1/traces", b"{}", "application/json") == 200
    assert uploaded(bot, "/v1/traces", b"{", "application/json") == 400


POINTS = [
    ("POST", "/git/refs"),
    ("PATCH", "/git/refs/heads"),
    ("POST", "/pulls"),
    ("POST", "/comments"),
    ("PUT", "/merge"),
    ("POST", "/deployments"),
]
DEPLOYS = {".github/selfheal.yml": "version: 1\nmode: auto\nmerge: {settle_seconds: 0}\ndeploy: {kind: deployment}\n"}


@pytest.mark.timeout(840)
def test_a_process_killed_at_every_effect_makes_each_once(github: StandIn, app: App, tmp_path: Path) -> None:
    github.write(REPO, "main", DEPLOYS, quiet=True)
    github.deployer = lambda _repo, _sha: "success"
    with Bot(github, app, tmp_path) as bot:
        for method, part in POINTS:
            for after in (False, True):
                github.trap(method, part, bot.kill, after=after)
        github.write(REPO, "main", broken("missing import"))
        bot.survive(lambda: "learning.track completed" in bot.log.read_text(), 400, "the lesson from the deployment")
        assert not github.traps, "some effects were never reached"
        effects = {name: github.effects[name] for name in ("branch", "commit", "pull", "merge", "deployment")}
        assert effects == dict.fromkeys(effects, 1)
        marks = [one["body"].splitlines()[0] for one in github.repos[REPO].comments]
        assert len(marks) == len(set(marks))
