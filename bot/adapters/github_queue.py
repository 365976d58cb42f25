"""Merge queues: where a branch has one, GitHub merges; we only put a pull request in, once for each head."""

from __future__ import annotations

from bot.adapters import github_checks
from bot.adapters.github_client import Client
from bot.errors import Declined

LOOK = """query($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) { id mergeQueueEntry { state position } } } }"""
ENTER = """mutation($id: ID!, $head: GitObjectID!) {
  enqueuePullRequest(input: {pullRequestId: $id, expectedHeadOid: $head}) { mergeQueueEntry { state position } } }"""


def wanted(client: Client, branch: str) -> bool:
    """Return whether a ruleset sends merges into a branch through a queue."""
    return any(rule.get("type") == "merge_queue" for rule in github_checks.rules(client, branch))


def enqueue(client: Client, number: int, sha: str) -> str:
    """Put a pull request into the queue if its head is still `sha`, and return where it stands, in words."""
    owner, _, name = client.repository.partition("/")
    found = client.graphql(LOOK, {"owner": owner, "name": name, "number": number})["repository"]["pullRequest"]
    entry = found["mergeQueueEntry"]
    if entry is None:
        try:
            entry = client.graphql(ENTER, {"id": found["id"], "head": sha})["enqueuePullRequest"]["mergeQueueEntry"]
        except Declined as no:
            return f"the merge queue does not take it: {no}"
    return f"it is in the merge queue, {str(entry['state']).lower()} at place {entry['position']}"
