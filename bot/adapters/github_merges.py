"""Merges on GitHub: asked for once for each head, looked at after every failed answer, never repeated blindly."""

from __future__ import annotations

from time import time
from typing import Any
from urllib.parse import quote

from bot.adapters import github_native, github_queue
from bot.adapters.github_answers import Conflict, seconds
from bot.adapters.github_client import Client
from bot.errors import Declined, Transient
from bot.model import Merge


def made(client: Client, number: int, sha: str, method: str) -> Merge:
    """Return the merge of a pull request whose head is still `sha`, made now or before, or why there is none."""
    base = str(client.get(f"/pulls/{number}")["base"]["ref"])
    done = merged(client, number, method)
    if done is not None:
        return done
    if github_queue.wanted(client, base):
        return Merge(merged=False, method=method, reason=github_queue.enqueue(client, number, sha))
    answer: Any = None
    try:
        answer = client.write("PUT", f"/pulls/{number}/merge", {"sha": sha, "merge_method": method})
    except Conflict as no:
        reason = github_native.asked(client, client.get(f"/pulls/{number}"), method, no)
        return Merge(merged=False, method=method, reason=reason)
    except Declined as no:
        return Merge(merged=False, method=method, reason=str(no))
    except Transient:
        # After a failed answer the merge may be done: look, and never ask again blindly.
        if merged(client, number, method) is None:
            raise
    done = merged(client, number, method)
    if done is None and isinstance(answer, dict) and answer.get("merged"):
        done = Merge(merged=True, sha=str(answer["sha"]), method=method, at=time())  # not shown everywhere yet
    return done or Merge(merged=False, method=method, reason="GitHub has not merged it yet")


def merged(client: Client, number: int, method: str = "") -> Merge | None:
    """Return the merge of a pull request, or None while it is not merged."""
    found = client.get(f"/pulls/{number}")
    if not found.get("merged_at"):
        return None
    at = seconds(found["merged_at"])
    return Merge(merged=True, sha=found.get("merge_commit_sha") or "", method=method, at=at)


def withdrawn(client: Client, number: int, login: str) -> None:
    """Take back what would let GitHub merge a pull request later: our auto-merge, our place in a queue."""
    pull = client.get(f"/pulls/{number}")
    github_native.taken_back(client, pull, login)
    if github_queue.wanted(client, str(pull["base"]["ref"])):
        github_queue.leave(client, number)


def removed(client: Client, number: int) -> None:
    """Delete the branch of a pull request where it still points at what was merged."""
    pull = client.get(f"/pulls/{number}")
    branch = quote(pull["head"]["ref"])
    if _points(client, branch, pull):
        try:
            client.write("DELETE", f"/git/refs/heads/{branch}")
        except Declined:
            if client.get(f"/git/ref/heads/{branch}", missing=True) is not None:
                raise


def _points(client: Client, branch: str, pull: dict[str, Any]) -> bool:
    found = client.get(f"/git/ref/heads/{branch}", missing=True)
    return isinstance(found, dict) and bool(found["object"]["sha"] == pull["head"]["sha"])
