"""Deployments and workflow runs on GitHub: asked for once, adopted when they are there."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

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
            client.write("POST", "/deployments", data)
        except Transient:
            if not client.get(path):
                raise
        found = client.get(path)
    return state(client, Rollout(kind="deployment", id=str(found[0]["id"])))


def dispatch(client: Client, sha: str, workflow: str, ref: str) -> Rollout:
    """Ask for a run of a workflow on `ref`, or adopt the one there is for the commit."""
    runs = _runs(client, sha, workflow)
    if not runs:
        client.write("POST", f"/actions/workflows/{quote(workflow)}/dispatches", {"ref": ref})
        runs = _runs(client, sha, workflow)
    if not runs:
        return Rollout(kind="workflow", state="queued", reason="the workflow was asked for and has not begun")
    return state(client, Rollout(kind="workflow", id=str(runs[0]["id"])))


def _runs(client: Client, sha: str, workflow: str) -> list[dict[str, Any]]:
    path = f"/actions/workflows/{quote(workflow)}/runs?head_sha={sha}&event=workflow_dispatch"
    return list(client.get(path)["workflow_runs"])


def state(client: Client, rollout: Rollout) -> Rollout:
    """Return a deployment or workflow run as it stands now."""
    if not rollout.id:
        return rollout
    if rollout.kind == "workflow":
        run = client.get(f"/actions/runs/{rollout.id}")
        return rollout.model_copy(update={"state": run.get("conclusion") or run["status"]})
    states = client.get(f"/deployments/{rollout.id}/statuses")
    return rollout.model_copy(update={"state": states[0]["state"] if states else "pending"})
