"""Deployments and workflow runs on GitHub: asked for once, adopted when they are there."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from bot.adapters.github_answers import seconds
from bot.adapters.github_client import Client
from bot.errors import Transient
from bot.model import Rollout


def deploy(client: Client, sha: str, environment: str) -> Rollout:
    """Ask for a deployment of a commit, or adopt the one there is; never with GitHub's own merge of the base."""
    path = f"/deployments?sha={sha}&environment={quote(environment)}"
    found = client.get(path)
    if not found:
        data = {
            "ref": sha,
            "environment": environment,
            "auto_merge": False,
            "required_contexts": [],
            "description": "self-healing",
        }
        try:
            found = [client.write("POST", "/deployments", data)]
        except Transient:
            found = client.get(path)
            if not found:
                raise
    return state(client, Rollout(kind="deployment", id=str(found[0]["id"])))


def dispatch(client: Client, sha: str, workflow: str, ref: str) -> Rollout:
    """Ask for a run of a workflow on `ref`, or adopt the one that was asked for since the commit was made."""
    runs = _runs(client, sha, workflow, ref)
    if not runs:
        client.write("POST", f"/actions/workflows/{quote(workflow)}/dispatches", {"ref": ref})
        runs = _runs(client, sha, workflow, ref)
    if not runs:
        return Rollout(kind="workflow", state="queued", reason="the workflow was asked for and has not begun")
    return state(client, Rollout(kind="workflow", id=str(runs[0]["id"])))


def _runs(client: Client, sha: str, workflow: str, ref: str) -> list[dict[str, Any]]:
    """Return the runs that take the commit out, newest first: a later head of the branch holds it too."""
    made = seconds(client.get(f"/git/commits/{sha}")["committer"]["date"])
    path = f"/actions/workflows/{quote(workflow)}/runs?branch={quote(ref, safe='')}&event=workflow_dispatch"
    runs = [
        one for one in client.get(path)["workflow_runs"] if one["head_sha"] == sha or seconds(one["created_at"]) > made
    ]
    return sorted(runs, key=lambda one: int(one["id"]), reverse=True)


def state(client: Client, rollout: Rollout) -> Rollout:
    """Return a deployment or workflow run as it stands now."""
    if not rollout.id:
        return rollout
    if rollout.kind == "workflow":
        run = client.get(f"/actions/runs/{rollout.id}")
        return rollout.model_copy(update={"state": run.get("conclusion") or run["status"]})
    states = client.get(f"/deployments/{rollout.id}/statuses")
    newest: dict[str, Any] = max(states, key=lambda one: (str(one.get("created_at") or ""), int(one["id"])), default={})
    return rollout.model_copy(update={"state": newest.get("state", "pending")})
