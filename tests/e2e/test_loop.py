"""The whole loop on the stand-in: a bug is pushed, and a merged fix comes out when a person approves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import repos
from tests.github import App, StandIn
from tests.github.bot import Bot

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


def test_a_pushed_bug_becomes_a_merged_fix(github: StandIn, bot: Bot) -> None:
    github.write(REPO, "main", broken("missing import"))
    bot.until(lambda: opened(github), 60, "a pull request with green checks")
    pull = github.repos[REPO].pulls[1]
    assert pull["title"] == "🤖 Auto-fix: error in pallets"
    assert pull["head"]["ref"].startswith("auto-fix/error-pallets-")
    github.comment(REPO, 1, "ann", "/selfheal approve")
    bot.until(lambda: merged(github), 60, "the merge")
    assert "import math" in github.repos[REPO].git.git("show", "main:depot/stock.py")
    bot.until(lambda: github.repos[REPO].git.head(pull["head"]["ref"]) is None, 20, "the branch to be gone")
    assert github.effects["pull"] == github.effects["merge"] == github.effects["branch"] == 1


def test_an_outsider_can_not_approve(github: StandIn, bot: Bot) -> None:
    github.write(REPO, "main", broken("missing import"))
    bot.until(lambda: opened(github), 60, "a pull request with green checks")
    github.comment(REPO, 1, "eve", "/selfheal approve")
    bot.until(lambda: any("needs write" in one["body"] for one in github.repos[REPO].comments), 20, "a refusal")
    assert not merged(github)
