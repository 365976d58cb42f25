"""The commands in comments: read strictly, asked for permission, always answered."""

import pytest

from bot import commands_text
from bot.commands_text import NAMES, Command, Unclear, answer, parse
from bot.model import PullRequest
from bot.policy import RepoPolicy, load

PULL = PullRequest(number=1, branch="b", base="main", head_sha="a" * 40)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "reject"])
def test_every_command_is_read(name: str) -> None:
    assert parse(f"/selfheal {name}") == parse(f"/selfheal   {name.upper()} \r\nthank you") == Command(name=name)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n/selfheal approve",
        " /selfheal approve",
        "please /selfheal approve",
        "> /selfheal approve",
        "/selfhealapprove",
        "/selfheal-approve",
        "/selfhealx approve",
        "`/selfheal approve`",
        "/healself approve",
    ],
)
def test_what_is_no_command_is_none(text: str) -> None:
    assert parse(text) is None


def test_alone_it_asks_for_help() -> None:
    assert parse("/selfheal") == Command(name="help")


def test_a_rejection_carries_its_reason() -> None:
    assert parse("/selfheal reject it breaks   Windows") == Command(name="reject", reason="it breaks Windows")
    long = parse("/selfheal reject " + "x" * 9000)
    assert isinstance(long, Command)
    assert len(long.reason) == commands_text.MAX_REASON


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/selfheal aprove", "There is no command `aprove`; did you mean `approve`?"),
        ("/selfheal xyz @everyone", "There is no command `xyz`; `/selfheal help` lists them."),
        ("/selfheal reject", "Say why: `/selfheal reject REASON`."),
        ("/selfheal approve once the tests pass", "`/selfheal approve` takes nothing after it"),
        ("/selfheal `@x`", "There is no command `` `@x` ``"),
    ],
)
def test_what_is_unclear_is_answered(text: str, said: str) -> None:
    found = parse(text)
    assert isinstance(found, Unclear)
    given = answer(found, "ann", "admin", RepoPolicy(), PULL)
    assert not given.accepted
    assert said in given.text


@pytest.mark.parametrize(
    ("name", "permission", "accepted"),
    [
        ("approve", "write", True),
        ("approve", "triage", False),
        ("approve", "made-up", False),
        ("hold", "write", True),
        ("hold", "read", False),
        ("why", "none", True),
        ("help", "", True),
        ("explain", "read", True),
    ],
)
def test_permission_is_asked_for(name: str, permission: str, accepted: bool) -> None:
    given = answer(Command(name=name), "ann", permission, RepoPolicy(), PULL)  # type: ignore[arg-type]
    assert given.accepted is accepted
    assert accepted or "needs write permission, and `ann` has" in given.text


def test_the_policy_may_ask_for_more_to_approve_and_never_for_less() -> None:
    strict, lax = load("approvals: {permission: maintain}"), load("approvals: {permission: read}")
    assert not answer(Command(name="approve"), "ann", "write", strict, PULL).accepted
    assert answer(Command(name="hold"), "ann", "write", strict, PULL).accepted
    assert commands_text.needs("approve", lax) == "write"


def test_the_state_of_the_pull_request_counts() -> None:
    merged = PULL.model_copy(update={"state": "merged"})
    refused = answer(Command(name="approve"), "ann", "admin", RepoPolicy(), merged)
    assert refused.text == "`approve` does nothing here: this pull request is merged."
    assert answer(Command(name="revert"), "ann", "admin", RepoPolicy(), merged).accepted
    assert not answer(Command(name="revert"), "ann", "admin", RepoPolicy(), PULL).accepted
    closed = PULL.model_copy(update={"state": "closed"})
    assert answer(Command(name="retry"), "ann", "admin", RepoPolicy(), closed).accepted


def test_replies_are_harmless_and_name_the_head() -> None:
    given = answer(Command(name="approve"), "a`@b", "admin", RepoPolicy(), PULL)
    assert given.text == "Approved by ``a`@b`` for `aaaaaaaaaaaa`. A later commit makes this approval void."
    rejected = answer(Command(name="reject", reason="@all <b>"), "ann", "admin", RepoPolicy(), PULL)
    assert "@all" not in rejected.text
    assert "<b" not in rejected.text.replace("\\<", "")


def test_help_lists_every_command() -> None:
    text = answer(Command(name="help"), "ann", "none", RepoPolicy(), PULL).text
    assert all(f"`/selfheal {name}`" in text for name in NAMES)
    assert len(text.splitlines()) == len(NAMES)
