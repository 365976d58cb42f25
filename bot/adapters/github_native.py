"""GitHub's own auto-merge: it merges as soon as its own rules hold, where the repository allows that.

It is asked for only after GitHub refused a merge that our rules allow, and taken back when they allow it no longer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.adapters.github_answers import Conflict
from bot.adapters.github_client import Client
from bot.errors import Declined

ENABLE = """mutation($id: ID!, $head: GitObjectID!, $method: PullRequestMergeMethod!) {
  enablePullRequestAutoMerge(input: {pullRequestId: $id, expectedHeadOid: $head, mergeMethod: $method}) {
    clientMutationId } }"""
DISABLE = """mutation($id: ID!) {
  disablePullRequestAutoMerge(input: {pullRequestId: $id}) { clientMutationId } }"""
BLOCKED = 405  # "not mergeable" as things stand; a moved head is 409, and nothing to wait for


def asked(client: Client, pull: Mapping[str, Any], method: str, no: Conflict) -> str:
    """Return the reason for a refused merge; GitHub is asked to merge by itself where it may and that can help.

    `pull` is the pull request as GitHub shows it after it refused.
    """
    said = f"{no}{_state(pull)}"
    if no.status != BLOCKED or pull.get("mergeable") is False:
        return said
    if not pull.get("auto_merge"):
        # What is not shown may still be allowed; then GitHub decides.
        if client.get("").get("allow_auto_merge") is False:
            return said
        try:
            client.graphql(ENABLE, {"id": pull["node_id"], "head": pull["head"]["sha"], "method": method.upper()})
        except Declined:
            return said
    return f"{said}; GitHub merges it as soon as that holds"


def _state(pull: Mapping[str, Any]) -> str:
    state = str(pull.get("mergeable_state") or "")
    return f" (GitHub calls it {state})" if state not in ("", "clean", "unknown") else ""


def taken_back(client: Client, pull: Mapping[str, Any], login: str) -> None:
    """Take the auto-merge of a pull request back where `login` asked for it; a person's stays."""
    enabled = pull.get("auto_merge") or {}
    if (enabled.get("enabled_by") or {}).get("login") == login:
        client.graphql(DISABLE, {"id": pull["node_id"]})
