"""People on GitHub: who approved a pull request, with which permission, and in which teams they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from bot.adapters.github_answers import Missing
from bot.adapters.github_client import Client
from bot.diary import told
from bot.errors import Declined
from bot.model import Approval

SAYING = ("approved", "changes_requested", "dismissed")


def login(thing: Mapping[str, Any]) -> str:
    """Return who made something; empty for an account that is gone, which GitHub shows as null."""
    return str((thing.get("user") or {}).get("login", ""))


def permission(client: Client, user: str) -> str:
    """Return a person's permission on the repository as GitHub says now; `none` for an outsider.

    The role is finer than the permission; a role that an organisation made itself is read as the permission it gives.
    """
    try:
        found = client.get(f"/collaborators/{quote(user)}/permission", missing=True)
    except Declined as reason:
        told(f"the permission of {user} can't be read: {reason}")
        return "none"
    if not isinstance(found, dict):
        return "none"
    role = str(found.get("role_name") or "")
    return role if role in ("triage", "maintain") else str(found["permission"])


def approvals(
    client: Client, number: int, own: str, said: Iterable[tuple[str, str]], wanted: tuple[str, ...]
) -> tuple[Approval, ...]:
    """Return the approvals that count, the newest of each person, with permission and teams asked of GitHub now.

    `own` is our login, `said` who approved which commit by command, `wanted` the teams that matter (`@org/team`).
    """
    newest: dict[str, Approval] = {}
    listed = client.pages(f"/pulls/{number}/reviews")
    for review in sorted(listed, key=lambda one: (str(one.get("submitted_at") or ""), int(one["id"]))):
        user, state = login(review), str(review["state"]).lower()
        if not user or state not in SAYING or user == own:
            continue
        newest.pop(user, None)
        if state != "dismissed":
            newest[user] = Approval(user=user, sha=review.get("commit_id") or "", state=state)
    head = str(client.get(f"/pulls/{number}")["head"]["sha"])
    for user, sha in said:
        # A word on the head as it is now goes before a review of an earlier one.
        if user not in newest or (sha == head and newest[user].sha != head):
            newest[user] = Approval(user=user, sha=sha)
    return tuple(
        one.model_copy(update={"permission": permission(client, name), "teams": teams(client, name, wanted)})
        for name, one in newest.items()
    )


def teams(client: Client, user: str, wanted: Iterable[str]) -> tuple[str, ...]:
    """Return those of the wanted teams that a person is an active member of."""
    return tuple(team for team in wanted if _member(client, user, team))


def _member(client: Client, user: str, team: str) -> bool:
    owner, _, slug = team.lstrip("@").rpartition("/")
    owner = owner or client.repository.partition("/")[0]
    try:
        path = f"/orgs/{quote(owner)}/teams/{quote(slug)}/memberships/{quote(user)}"
        return bool(client.call("GET", path)["state"] == "active")
    except Missing:
        return False
    except Declined as reason:
        told(f"the members of {team} can't be read: {reason}")
        return False
