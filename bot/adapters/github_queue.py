"""Merge queues: where a branch has one, GitHub merges; we only put a pull request in, once for each head."""

from __future__ import annotations

from typing import Any

from bot.adapters import github_checks
from bot.adapters.github_client import Client
from bot.errors import Declined

LOOK = """query($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) { id mergeQueueEntry { state position } } } }"""
ENTER = """mutation($id: ID!, $head: GitObjectID!) {
  enqueuePullRequest(input: {pullRequestId: $id, expectedHeadOid: $head}) { mergeQueueEntry { state position } } }"""
LEAVE = """mutation($id: ID!) { dequeuePullRequest(input: {id: $id}) { clientMutationId } }"""


def wanted(client: Client, branch: str) -> bool:
    """Return whether a ruleset sends merges into a branch through a queue."""
    return any(rule.get("type") == "merge_queue" for rule in github_checks.rules(client, branch))


def enqueue(client: Client, number: int, sha: str) -> str:
    """Put a pull request into the queue if its head is still `sha`, and return where it stands, in words."""
    found = _found(client, number)
    entry = found["mergeQueueEntry"]
    if entry is None:
        try:
            entry = client.graphql(ENTER, {"id": found["id"], "head": sha})["enqueuePullRequest"]["mergeQueueEntry"]
        except Declined as no:
            return f"the merge queue does not take it: {no}"
    if entry is None:
        return "it was put into the merge queue"
    return f"it is in the merge queue, {str(entry['state']).lower()} at place {entry['position']}"


def leave(client: Client, number: int) -> None:
    """Take a pull request out of the queue where it is in one."""
    found = _found(client, number)
    if found["mergeQueueEntry"] is not None:
        client.graphql(LEAVE, {"id": found["id"]})


def _found(client: Client, number: int) -> Any:
    owner, _, name = client.repository.partition("/")
    return client.graphql(LOOK, {"owner": owner, "name": name, "number": number})["repository"]["pullRequest"]
