"""Reviewers: the owners of the touched paths are asked once; whom GitHub does not take is left out."""

from __future__ import annotations

from collections.abc import Iterable

from bot.adapters.github_answers import Conflict
from bot.adapters.github_client import Client
from bot.diary import told
from bot.errors import Declined, Transient

MOST = 15  # GitHub asks no more at once, and nobody wants to be one of so many


def asked(client: Client, number: int, owners: Iterable[str], own: str) -> None:
    """Ask the owners for a review of a pull request on which nobody was asked yet; a refusal is only noted.

    GitHub asks code owners by itself on some plans; then there is nothing left to do.
    """
    people, teams = reviewers(owners, client.repository.partition("/")[0], own)
    if not people and not teams:
        return
    try:
        pull = client.get(f"/pulls/{number}")
        if not pull.get("requested_reviewers") and not pull.get("requested_teams"):
            _ask(client, number, people, teams)
    except (Declined, Transient) as no:
        told(f"nobody was asked to review pull request {number}: {no}", repository=client.repository)


def reviewers(owners: Iterable[str], account: str, own: str) -> tuple[list[str], list[str]]:
    """Return the people and the teams among code owners whom a repository of `account` can ask, at most 15 in all.

    An address names nobody who can be asked, a team of another organisation neither, and nobody reviews their own.
    """
    people, teams = [], []
    for name in dict.fromkeys(owners):
        if not name.startswith("@"):
            continue
        organisation, _, last = name[1:].rpartition("/")
        if organisation.lower() == account.lower():
            teams.append(last)
        elif not organisation and last.lower() != own.lower():
            people.append(last)
    return people[:MOST], teams[: MOST - len(people[:MOST])]


def _ask(client: Client, number: int, people: list[str], teams: list[str]) -> None:
    path = f"/pulls/{number}/requested_reviewers"
    try:
        client.write("POST", path, _body(people, teams))
    except Conflict:
        # GitHub asks nobody when one name may not be asked: try them one by one.
        one_by_one = [*(([name], []) for name in people), *(([], [name]) for name in teams)]
        for some, others in one_by_one if len(one_by_one) > 1 else ():
            try:
                client.write("POST", path, _body(some, others))
            except Conflict as no:
                told(f"{(some or others)[0]} can't be asked for a review: {no}", repository=client.repository)


def _body(people: list[str], teams: list[str]) -> dict[str, list[str]]:
    return {key: names for key, names in (("reviewers", people), ("team_reviewers", teams)) if names}
