"""Checks on GitHub: what a commit's checks and statuses say, what a branch demands, and our own check run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from bot.adapters.github_answers import Missing, seconds
from bot.adapters.github_client import Client
from bot.errors import Declined
from bot.model import Annotation, CheckState

SUMMARY_CHARS = 60_000
BUTTONS = (
    ("approve", "Apply", "Approve this fix; it is merged once all rules hold"),
    ("reject", "Reject", "Close this fix and remember it"),
    ("explain", "Explain", "Say how the cause and the fix were found"),
)
BUTTON_CHARS = 40
STATES = {"queued": "queued", "in_progress": "in_progress", "completed": "completed"}
FINE = frozenset({"success", "neutral", "skipped"})
ANNOTATIONS_AT_ONCE = 50  # GitHub takes no more in one request
RUNS_READ = 500  # the newest runs of a repository, in which ours of a day are looked for
OWN = frozenset({"selfheal", "selfheal policy"})
OWN_BRANCHES = ("auto-fix/", "revert/")
ENDED = {"success": "success", "failure": "failure", "error": "failure"}


def checks(client: Client, sha: str, slug: str) -> tuple[CheckState, ...]:
    """Return the check runs and statuses of a commit.

    Two workflows, or a check and a status, may share a name; both are wanted, so the worse one stands for the name.
    """
    runs = client.pages(f"/commits/{sha}/check-runs?filter=latest", key="check_runs")
    statuses = client.pages(f"/commits/{sha}/status", key="statuses")
    states: dict[str, CheckState] = {}
    for one in [*(_check(run, slug) for run in runs), *map(_status, statuses)]:
        known = states.get(one.name)
        if known is None or _badness(one) > _badness(known):
            states[one.name] = one
    return tuple(states.values())


def _check(run: Mapping[str, Any], slug: str) -> CheckState:
    own = _mine(run, slug)
    return CheckState(
        name=run["name"],
        status=STATES.get(str(run["status"]), "queued"),
        conclusion=run.get("conclusion") or "",
        url=run.get("html_url") or "",
        # Our own check is written again with every change of its text, which disturbs nobody's quiet.
        completed_at=0.0 if own else _ended(run.get("completed_at")),
        own=own,
    )


def _mine(run: Mapping[str, Any], slug: str) -> bool:
    """Return whether a check run is ours; one whose App is not shown is, by its name."""
    app = run.get("app")
    return bool(app.get("slug") == slug) if app else run["name"] in OWN


def _status(one: Mapping[str, Any]) -> CheckState:
    conclusion = ENDED.get(one["state"], "")
    return CheckState(
        name=one["context"],
        status="completed" if conclusion else "in_progress",
        conclusion=conclusion,
        url=one.get("target_url") or "",
        completed_at=_ended(one.get("updated_at")) if conclusion else 0.0,
    )


def _ended(stamp: str | None) -> float:
    return seconds(stamp) if stamp else 0.0


def _badness(one: CheckState) -> int:
    if one.status != "completed":
        return 1
    return 0 if one.conclusion in FINE else 2


def own(client: Client, sha: str, name: str, slug: str) -> dict[str, Any] | None:
    """Return the App's own check run of a name on a commit, or None; other Apps' runs are not ours to write."""
    listed = client.pages(f"/commits/{sha}/check-runs?check_name={quote(name)}&filter=latest", key="check_runs")
    return next((one for one in listed if one["name"] == name and _mine(one, slug)), None)


def report(client: Client, sha: str, check: CheckState, summary: str, slug: str) -> None:
    """Write the App's check run on a commit, or update the one there is; one of a pull request has buttons."""
    output = {"title": check.name, "summary": summary[:SUMMARY_CHARS]}
    linked = check.url.startswith(("https:", "http:"))
    buttons = BUTTONS if linked else ()  # without a pull request there is nothing to steer
    data: dict[str, Any] = {
        "name": check.name,
        "status": check.status,
        "output": output,
        "actions": [
            {"identifier": key, "label": label, "description": said[:BUTTON_CHARS]} for key, label, said in buttons
        ],
    }
    if check.status == "completed":
        data["conclusion"] = check.conclusion
    if linked:
        data["details_url"] = check.url
    known = own(client, sha, check.name, slug)
    if known is None:
        notes = [_shown(one) for one in check.annotations[:ANNOTATIONS_AT_ONCE]]
        whole = {**data, "head_sha": sha, "external_id": f"{check.name}:{sha}"}
        client.write(
            "POST", "/check-runs", {**whole, "output": {**output, **({"annotations": notes} if notes else {})}}
        )
        return
    if _reported(known) != (check.status, check.conclusion, output["summary"]):
        client.write("PATCH", f"/check-runs/{known['id']}", data)
    _remark(client, known, check.annotations, output)


def _remark(client: Client, run: Mapping[str, Any], wanted: Sequence[Annotation], output: Mapping[str, str]) -> None:
    """Add the remarks that a check run lacks; GitHub adds those it is sent to those it has."""
    there = int((run.get("output") or {}).get("annotations_count") or 0)
    if not wanted or there >= len(wanted):
        return
    path = f"/check-runs/{run['id']}"
    known = {(one["path"], one["start_line"], one.get("title")) for one in client.pages(f"{path}/annotations")}
    new = [_shown(one) for one in wanted if (one.path, one.line, one.title) not in known]
    for start in range(0, len(new), ANNOTATIONS_AT_ONCE):
        some = new[start : start + ANNOTATIONS_AT_ONCE]
        client.write("PATCH", path, {"output": {**output, "annotations": some}})


def _shown(one: Annotation) -> dict[str, Any]:
    return {
        "path": one.path,
        "start_line": one.line,
        "end_line": one.line,
        "annotation_level": one.level,
        "title": one.title,
        "message": one.message,
    }


def _reported(run: Mapping[str, Any]) -> tuple[str, str, str]:
    output = run.get("output") or {}
    return str(run["status"]), str(run.get("conclusion") or ""), str(output.get("summary") or "")


def minutes(client: Client, since: float) -> float:
    """Return the minutes that runs on branches of ours took since a time (UTC seconds); 0 where runs can't be read."""
    try:
        runs = client.pages("/actions/runs", key="workflow_runs", limit=RUNS_READ)
    except Declined:
        return 0.0
    late = [run for run in runs if seconds(run["created_at"]) >= since]
    ours = [run for run in late if str(run.get("head_branch") or "").startswith(OWN_BRANCHES)]
    return (
        sum(seconds(run["updated_at"]) - seconds(run.get("run_started_at") or run["created_at"]) for run in ours) / 60
    )


def required(client: Client, branch: str) -> tuple[str, ...]:
    """Return the checks that classic protection or rulesets demand on a branch."""
    found = client.get(f"/branches/{quote(branch, safe='')}")
    wanted = (found.get("protection") or {}).get("required_status_checks") or {}
    names = [*(wanted.get("contexts") or ()), *(one["context"] for one in wanted.get("checks") or ())]
    for rule in rules(client, branch):
        if rule.get("type") == "required_status_checks":
            listed = (rule.get("parameters") or {}).get("required_status_checks") or []
            names += [one["context"] for one in listed]
    return tuple(dict.fromkeys(names))


def rules(client: Client, branch: str) -> list[dict[str, Any]]:
    """Return the rules of the active rulesets on a branch; none where the server knows no rulesets."""
    try:
        return client.pages(f"/rules/branches/{quote(branch, safe='')}")
    except Missing:
        return []
