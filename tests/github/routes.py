"""The routes of the stand-in, as GitHub answers them."""

from __future__ import annotations

import base64
import json
import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.github import actions
from tests.github.actions import stamp
from tests.github.api import Call, Say, route
from tests.github.gitstore import GitFailed
from tests.github.standin import Repo, StandIn

R = r"/repos/(?P<repo>[^/]+/[^/]+)"
Found = re.Match[str]


@route("GET", "/app")
def app(call: Call, found: Found) -> Any:
    return {"id": call.app.id, "slug": call.app.slug, "permissions": call.app.permissions, "events": call.app.events}


@route("POST", r"/settings/apps/new")
def new_app(call: Call, found: Found) -> Any:
    manifest = json.loads(call.form["manifest"])
    code = secrets.token_hex(10)
    call.standin.codes[code] = manifest
    where = f"{manifest['redirect_url']}?code={code}&state={call.query['state']}"
    raise Say(302, "", {"Location": where})


@route("POST", r"/app-manifests/(?P<code>[^/]+)/conversions")
def conversion(call: Call, found: Found) -> Any:
    manifest = call.standin.codes.pop(found["code"], None)
    if manifest is None:
        raise Say(404, "Not Found")
    made = call.standin.app(manifest["name"])
    made.webhook_url, made.permissions = manifest["hook_attributes"]["url"], manifest["default_permissions"]
    made.events, made.secret = manifest["default_events"], secrets.token_hex(16)
    return {
        "id": made.id,
        "slug": made.slug,
        "pem": made.pem,
        "webhook_secret": made.secret,
        "html_url": f"{call.standin.url}/apps/{made.slug}",
    }


@route("GET", "/app/installations")
def installations(call: Call, found: Found) -> Any:
    listed = [{"id": number, "permissions": dict(call.app.permissions)} for number in call.app.installations]
    return call.page(listed)


@route("GET", "/installation/repositories")
def repositories(call: Call, found: Found) -> Any:
    listed = call.page([call.standin.as_repo(call.repo)])
    return {"total_count": 1, "repositories": listed}


@route("GET", r"/app/installations/(?P<id>\d+)")
def one_installation(call: Call, found: Found) -> Any:
    return {"id": int(found["id"]), "permissions": dict(call.app.permissions)}


@route("GET", f"{R}/installation")
def installation(call: Call, found: Found) -> Any:
    for number, name in call.app.installations.items():
        if name == found["repo"]:
            return {"id": number}
    raise Say(404, "Not Found")


@route("POST", r"/app/installations/(?P<id>\d+)/access_tokens")
def access_token(call: Call, found: Found) -> Any:
    name = call.app.installations.get(int(found["id"]))
    if name is None or call.data.get("repositories", [name.partition("/")[2]]) != [name.partition("/")[2]]:
        raise Say(404, "Not Found")
    if not call.data["permissions"].items() <= call.app.permissions.items():
        raise Say(422, "The permissions requested are not granted to this installation.")
    token = f"ghs_{secrets.token_hex(20)}"
    call.standin.tokens[token] = (int(found["id"]), name)
    until = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"token": token, "expires_at": until, "permissions": call.data["permissions"]}


@route("GET", "/app/hook/deliveries")
def deliveries(call: Call, found: Found) -> Any:
    mine = [row for row in call.standin.deliveries if row["app"] == call.app.id]
    return [{key: row[key] for key in ("id", "guid", "event", "status")} for row in reversed(mine)]


@route("POST", r"/app/hook/deliveries/(?P<id>\d+)/attempts")
def redeliver(call: Call, found: Found) -> Any:
    call.standin.redeliver(int(found["id"]))
    raise Say(202)


@route("GET", R)
def repository(call: Call, found: Found) -> Any:
    return call.standin.as_repo(call.repo)


@route("GET", f"{R}/git/ref/heads/(?P<name>.+)")
def get_ref(call: Call, found: Found) -> Any:
    head = call.repo.git.head(found["name"])
    if head is None:
        raise Say(404, "Not Found")
    return {"ref": f"refs/heads/{found['name']}", "object": {"sha": head, "type": "commit"}}


@route("POST", f"{R}/git/refs")
def make_ref(call: Call, found: Found) -> Any:
    name = call.data["ref"].removeprefix("refs/heads/")
    if call.repo.git.head(name) is not None:
        raise Say(422, "Reference already exists")
    call.repo.git.point(name, call.data["sha"])
    call.standin.count("branch")
    return {"ref": call.data["ref"], "object": {"sha": call.data["sha"]}}


@route("PATCH", f"{R}/git/refs/heads/(?P<name>.+)")
def move_ref(call: Call, found: Found) -> Any:
    head = call.repo.git.head(found["name"])
    if head is None:
        raise Say(422, "Reference does not exist")
    if not call.repo.git.ancestor(head, call.data["sha"]):
        raise Say(422, "Update is not a fast forward")
    call.repo.git.point(found["name"], call.data["sha"])
    call.standin.count("commit")
    call.standin.pushed(call.repo, found["name"], call.data["sha"], call.login)
    return {"object": {"sha": call.data["sha"]}}


@route("DELETE", f"{R}/git/refs/heads/(?P<name>.+)")
def delete_ref(call: Call, found: Found) -> Any:
    if call.repo.git.head(found["name"]) is None:
        raise Say(422, "Reference does not exist")
    call.repo.git.git("update-ref", "-d", f"refs/heads/{found['name']}")
    raise Say(204)


@route("GET", f"{R}/git/commits/(?P<sha>[0-9a-f]+)")
def get_commit(call: Call, found: Found) -> Any:
    tree, at, *parents = call.repo.git.git("show", "-s", "--format=%T %cI %P", found["sha"]).split()
    made = {"name": "x", "email": "x@example.invalid", "date": at}
    return {
        "sha": found["sha"],
        "tree": {"sha": tree},
        "committer": made,
        "parents": [{"sha": sha} for sha in parents],
    }


@route("POST", f"{R}/git/commits")
def make_commit(call: Call, found: Found) -> Any:
    sha = call.repo.git.commit(call.data["tree"], call.data["parents"], call.data["message"], call.login)
    return {"sha": sha, "verification": {"verified": call.standin.signs}}


@route("POST", f"{R}/git/trees")
def make_tree(call: Call, found: Found) -> Any:
    try:
        return {"sha": call.repo.git.tree(call.data.get("base_tree"), call.data["tree"])}
    except GitFailed as no:
        raise Say(422, str(no)) from None


@route("GET", f"{R}/git/trees/(?P<name>.+)")
def get_tree(call: Call, found: Found) -> Any:
    try:
        listed = call.repo.git.git("ls-tree", found["name"])
    except GitFailed:
        raise Say(404, "Not Found") from None
    rows = [re.match(r"(\d+) (\w+) (\w+)\t(.+)", line).groups() for line in listed.splitlines()]
    return {"tree": [{"mode": mode, "type": kind, "sha": sha, "path": path} for mode, kind, sha, path in rows]}


@route("POST", f"{R}/git/blobs")
def make_blob(call: Call, found: Found) -> Any:
    return {"sha": call.repo.git.blob(base64.b64decode(call.data["content"]))}


@route("GET", f"{R}/git/blobs/(?P<sha>[0-9a-f]+)")
def get_blob(call: Call, found: Found) -> Any:
    data = call.repo.git.raw("cat-file", "blob", found["sha"])
    return {"content": base64.b64encode(data).decode(), "encoding": "base64"}


@route("GET", f"{R}/contents/(?P<path>.+)")
def contents(call: Call, found: Found) -> Any:
    ref = call.query.get("ref", call.repo.default_branch)
    name = f"{call.repo.git.head(ref) or ref}:{found['path']}"
    if not call.repo.git.exists(name) or call.repo.git.git("cat-file", "-t", name) != "blob":
        raise Say(404, "Not Found")
    data = call.repo.git.raw("cat-file", "blob", name)
    sha = call.repo.git.git("rev-parse", name)
    return {"type": "file", "sha": sha, "content": base64.b64encode(data).decode(), "encoding": "base64"}


@route("GET", rf"{R}/compare/(?P<base>.+)\.\.\.(?P<head>.+)")
def compare(call: Call, found: Found) -> Any:
    fork = call.repo.git.git("merge-base", found["base"], found["head"])
    names = call.repo.git.git("diff", "--name-only", fork, found["head"]).splitlines()
    return {"merge_base_commit": {"sha": fork}, "files": [{"filename": name} for name in names]}


@route("GET", f"{R}/pulls")
def list_pulls(call: Call, found: Found) -> Any:
    state, head = call.query.get("state", "open"), call.query.get("head", "").partition(":")[2]
    pulls = [pull for pull in call.repo.pulls.values() if state in ("all", pull["state"])]
    pulls = [pull for pull in pulls if not head or pull["head"]["ref"] == head]
    return call.page([shown(call.repo, pull) for pull in reversed(pulls)])


@route("POST", f"{R}/pulls")
def open_pull(call: Call, found: Found) -> Any:
    repo, data = call.repo, call.data
    taken = [p for p in repo.pulls.values() if p["state"] == "open" and p["head"]["ref"] == data["head"]]
    if repo.git.head(data["head"]) is None or taken:
        raise Say(422, "Validation Failed")
    call.standin.count("pull")
    return shown(repo, new_pull(call.standin, repo, data, call.login))


def new_pull(standin: StandIn, repo: Repo, data: dict[str, Any], login: str) -> dict[str, Any]:
    """Open a pull request for an account and tell of it."""
    number = len(repo.pulls) + 1
    repo.pulls[number] = {
        "number": number,
        "title": data["title"],
        "body": data["body"],
        "state": "open",
        "merged_at": None,
        "merge_commit_sha": None,
        "created_at": stamp(),
        "user": {"login": login, "type": "Bot" if login.endswith("[bot]") else "User"},
        "head": {"ref": data["head"], "sha": repo.git.head(data["head"])},
        "base": {"ref": data["base"]},
        "html_url": f"{standin.url}/{repo.name}/pull/{number}",
    }
    payload = {"action": "opened", "number": number, "pull_request": repo.pulls[number]}
    standin.emit("pull_request", payload, repo, login)
    return repo.pulls[number]


def pull_of(call: Call, found: Found) -> dict[str, Any]:
    """Return the pull request that a path names."""
    pull = call.repo.pulls.get(int(found["number"]))
    if pull is None:
        raise Say(404, "Not Found")
    return pull


def shown(repo: Repo, pull: dict[str, Any]) -> dict[str, Any]:
    """Return a pull request as the API shows it."""
    base, head = repo.git.head(pull["base"]["ref"]), pull["head"]["sha"]
    mergeable = pull["state"] == "open" and base is not None and repo.git.merge_tree(base, head) is not None
    labels = [{"name": name} for name in repo.labels.get(pull["number"], [])]
    return {"auto_merge": None, "node_id": str(pull["number"]), **pull, "mergeable": mergeable, "labels": labels}


@route("GET", rf"{R}/pulls/(?P<number>\d+)")
def get_pull(call: Call, found: Found) -> Any:
    return shown(call.repo, pull_of(call, found))


@route("PATCH", rf"{R}/pulls/(?P<number>\d+)")
def edit_pull(call: Call, found: Found) -> Any:
    pull = pull_of(call, found)
    pull |= {key: call.data[key] for key in ("title", "body", "state") if key in call.data}
    if call.data.get("state") == "closed":
        payload = {"action": "closed", "number": pull["number"], "pull_request": pull}
        call.standin.emit("pull_request", payload, call.repo, call.login)
    return shown(call.repo, pull)


@route("GET", rf"{R}/pulls/(?P<number>\d+)/commits")
def pull_commits(call: Call, found: Found) -> Any:
    pull, git = pull_of(call, found), call.repo.git
    base = git.head(pull["base"]["ref"])
    fork = git.git("merge-base", base, pull["head"]["sha"])
    shas = git.git("rev-list", "--reverse", f"{fork}..{pull['head']['sha']}").split()
    logins = [(sha, git.login_of(sha)) for sha in shas]
    return call.page([{"sha": sha, "author": {"login": login}, "commit": {"author": {}}} for sha, login in logins])


@route("GET", rf"{R}/pulls/(?P<number>\d+)/reviews")
def reviews(call: Call, found: Found) -> Any:
    return call.page([one for one in call.repo.reviews if one["pull"] == int(found["number"])])


@route("GET", f"{R}/issues")
def list_issues(call: Call, found: Found) -> Any:
    state, creator = call.query.get("state", "open"), call.query.get("creator")
    kept = [one for one in call.repo.issues.values() if state in ("all", one["state"])]
    return call.page([one for one in reversed(kept) if creator in (None, one["user"]["login"])])


@route("POST", f"{R}/issues")
def open_issue(call: Call, found: Found) -> Any:
    repo, number = call.repo, 1000 + len(call.repo.issues)
    repo.issues[number] = {
        "number": number,
        "title": call.data["title"],
        "body": call.data["body"],
        "state": "open",
        "user": {"login": call.login, "type": "Bot"},
        "html_url": f"{call.standin.url}/{repo.name}/issues/{number}",
    }
    call.standin.count("issue")
    return repo.issues[number]


@route("PATCH", rf"{R}/issues/(?P<number>\d+)")
def edit_issue(call: Call, found: Found) -> Any:
    issue = call.repo.issues.get(int(found["number"]))
    if issue is None:
        raise Say(404, "Not Found")
    issue |= {key: call.data[key] for key in ("title", "body", "state") if key in call.data}
    return issue


@route("POST", rf"{R}/issues/(?P<number>\d+)/labels")
def add_labels(call: Call, found: Found) -> Any:
    known = call.repo.labels.setdefault(int(found["number"]), [])
    known += [name for name in call.data["labels"] if name not in known]
    return [{"name": name} for name in known]


@route("GET", rf"{R}/issues/(?P<number>\d+)/comments")
def comments(call: Call, found: Found) -> Any:
    return call.page([one for one in call.repo.comments if one["issue"] == int(found["number"])])


@route("POST", rf"{R}/issues/(?P<number>\d+)/comments")
def add_comment(call: Call, found: Found) -> Any:
    call.standin.count("comment")
    return call.standin.add_comment(call.repo, int(found["number"]), call.login, call.data["body"])


@route("PATCH", rf"{R}/issues/comments/(?P<id>\d+)")
def edit_comment(call: Call, found: Found) -> Any:
    for one in call.repo.comments:
        if one["id"] == int(found["id"]):
            one["body"] = call.data["body"]
            return one
    raise Say(404, "Not Found")


@route("GET", r"/orgs/(?P<org>[^/]+)/teams/(?P<team>[^/]+)/memberships/(?P<user>[^/]+)")
def membership(call: Call, found: Found) -> Any:
    if found["user"] not in call.standin.teams.get(f"{found['org']}/{found['team']}", ()):
        raise Say(404, "Not Found")
    return {"state": "active", "role": "member"}


@route("GET", f"{R}/collaborators/(?P<user>[^/]+)/permission")
def permission(call: Call, found: Found) -> Any:
    role = call.repo.people.get(found["user"], "read")
    return {"permission": role, "role_name": role}


@route("GET", rf"{R}/commits/(?P<sha>[0-9a-f]+)/check-runs")
def check_runs(call: Call, found: Found) -> Any:
    mine = [one for one in call.repo.checks if one["head_sha"] == found["sha"]]
    # The newest of each name in each suite; the stand-in gives every check that is not GitHub's own its own suite.
    named = [one for one in mine if call.query.get("check_name") in (None, one["name"])]
    newest = {(one["name"], one["app"]["slug"] if one.get("app") else one["id"]): one for one in named}
    return {"total_count": len(newest), "check_runs": call.page(list(newest.values()))}


@route("GET", rf"{R}/commits/(?P<sha>[0-9a-f]+)/status")
def combined(call: Call, found: Found) -> Any:
    return {"statuses": call.page([one for one in call.repo.statuses if one["sha"] == found["sha"]])}


@route("GET", rf"{R}/commits/(?P<sha>[0-9a-f]+)")
def commit(call: Call, found: Found) -> Any:
    git = call.repo.git
    parents = git.git("show", "-s", "--format=%P", found["sha"]).split()
    names = git.git("diff-tree", "--no-commit-id", "--name-only", "-r", parents[0], found["sha"]).splitlines()
    return {"parents": [{"sha": sha} for sha in parents], "files": [{"filename": name} for name in names]}


@route("POST", f"{R}/check-runs")
def make_check(call: Call, found: Found) -> Any:
    if len(call.data.get("actions", [])) > 3 or any(len(a["description"]) > 40 for a in call.data.get("actions", [])):
        raise Say(422, "Validation Failed")
    ended = stamp() if call.data.get("status") == "completed" else None
    fixed = {"id": call.standin.next_id(), "app": {"slug": call.app.slug}, "completed_at": ended}
    made = {"conclusion": None, "html_url": "", **call.data, **fixed}
    remarked(made, {})
    call.repo.checks.append(made)
    call.standin.count("check")
    return made


@route("PATCH", rf"{R}/check-runs/(?P<id>\d+)")
def edit_check(call: Call, found: Found) -> Any:
    for one in call.repo.checks:
        if one["id"] == int(found["id"]):
            before = one["output"]
            one |= call.data
            remarked(one, before)
            return one
    raise Say(404, "Not Found")


def remarked(check: dict[str, Any], before: dict[str, Any]) -> None:
    """Add the annotations of a request to those that the check has; no more than 50 at once."""
    new = check.get("output", {}).get("annotations", [])
    if len(new) > 50 or (new and not {"title", "summary"} <= set(check["output"])):
        raise Say(422, "Validation Failed")
    every = [*before.get("annotations", []), *(new if check.get("output") is not before else [])]
    check["output"] = {**check.get("output", {}), "annotations": every, "annotations_count": len(every)}


@route("GET", rf"{R}/check-runs/(?P<id>\d+)/annotations")
def annotations(call: Call, found: Found) -> Any:
    for one in call.repo.checks:
        if one["id"] == int(found["id"]):
            return call.page([{"raw_details": None, "blob_href": "", **each} for each in one["output"]["annotations"]])
    raise Say(404, "Not Found")


@route("GET", f"{R}/branches/(?P<name>.+)")
def branch(call: Call, found: Found) -> Any:
    contexts = {"required_status_checks": {"contexts": call.repo.required}}
    return {"name": found["name"], "protected": bool(call.repo.required), "protection": contexts}


@route("GET", f"{R}/rules/branches/(?P<name>.+)")
def rules(call: Call, found: Found) -> Any:
    return call.repo.rules


@route("GET", f"{R}/deployments")
def deployments(call: Call, found: Found) -> Any:
    wanted = {key: call.query[key] for key in ("sha", "environment") if key in call.query}
    return [one for one in call.repo.deployments if all(one[key] == value for key, value in wanted.items())]


@route("POST", f"{R}/deployments")
def deploy(call: Call, found: Found) -> Any:
    if call.data.get("auto_merge", True):
        raise Say(409, "the base would be merged into the ref")
    made = {
        "id": call.standin.next_id(),
        "sha": call.data["ref"],
        "environment": call.data["environment"],
        "states": [],
    }
    call.repo.deployments.append(made)
    call.standin.count("deployment")
    repo = call.repo
    call.standin.later(lambda: call.standin.roll_out(repo, made))
    return made


@route("GET", rf"{R}/deployments/(?P<id>\d+)/statuses")
def deployment_statuses(call: Call, found: Found) -> Any:
    for one in call.repo.deployments:
        if one["id"] == int(found["id"]):
            return [{"state": state} for state in reversed(one["states"])]
    raise Say(404, "Not Found")


@route("POST", rf"{R}/actions/runs/(?P<id>\d+)/rerun-failed-jobs")
def rerun(call: Call, found: Found) -> Any:
    standin, repo, number = call.standin, call.repo, int(found["id"])
    if number not in repo.runs:
        raise Say(404, "Not Found")
    standin.count("rerun")
    standin.later(lambda: actions.rerun(standin, repo, number))
    return {}


@route("POST", f"{R}/actions/workflows/(?P<workflow>[^/]+)/dispatches")
def dispatch(call: Call, found: Found) -> Any:
    number = call.standin.next_id()
    call.repo.runs[number] = {
        "id": number,
        "event": "workflow_dispatch",
        "head_sha": call.repo.git.head(call.data["ref"]),
        "head_branch": call.data["ref"],
        "status": "queued",
        "conclusion": None,
        "path": f".github/workflows/{found['workflow']}",
        "created_at": stamp(),
    }
    call.standin.count("dispatch")
    raise Say(204)


@route("GET", f"{R}/actions/workflows/(?P<workflow>[^/]+)/runs")
def workflow_runs(call: Call, found: Found) -> Any:
    wanted = {key: call.query[key] for key in ("head_sha", "event") if key in call.query}
    mine = [one for one in call.repo.runs.values() if str(one.get("path", "")).endswith(f"/{found['workflow']}")]
    listed = [one for one in mine if all(one[key] == value for key, value in wanted.items())]
    return {"total_count": len(listed), "workflow_runs": call.page(listed[::-1])}


@route("GET", f"{R}/actions/runs")
def runs(call: Call, found: Found) -> Any:
    keys = {"branch": "head_branch", "status": "status", "event": "event", "head_sha": "head_sha"}
    wanted = {field: call.query[key] for key, field in keys.items() if key in call.query}
    listed = [one for one in call.repo.runs.values() if all(one[key] == value for key, value in wanted.items())]
    return {"total_count": len(listed), "workflow_runs": call.page(listed[::-1])}


@route("GET", rf"{R}/actions/runs/(?P<id>\d+)/attempts/(?P<attempt>\d+)/logs")
def run_logs(call: Call, found: Found) -> Any:
    if int(found["id"]) not in call.repo.logs:
        raise Say(404, "Not Found")
    raise Say(302, "", {"Location": f"{call.standin.url}/_logs/{call.repo.name}/{found['id']}"})


@route("GET", r"/_logs/(?P<repo>[^/]+/[^/]+)/(?P<id>\d+)")
def log_data(call: Call, found: Found) -> Any:
    repo, number = call.standin.repos[found["repo"]], int(found["id"])
    return repo.artifacts[number]["data"] if number in repo.artifacts else repo.logs[number]


@route("GET", rf"{R}/actions/runs/(?P<id>\d+)/jobs")
def run_jobs(call: Call, found: Found) -> Any:
    return {"total_count": 0, "jobs": call.repo.jobs.get(int(found["id"]), [])}


@route("GET", rf"{R}/actions/jobs/(?P<id>\d+)/logs")
def job_logs(call: Call, found: Found) -> Any:
    raise Say(302, "", {"Location": f"{call.standin.url}/_logs/{call.repo.name}/{found['id']}"})


@route("GET", rf"{R}/actions/runs/(?P<id>\d+)/artifacts")
def artifacts(call: Call, found: Found) -> Any:
    shown = ("id", "name", "expired")
    listed = [
        {key: one[key] for key in shown} for one in call.repo.artifacts.values() if one["run"] == int(found["id"])
    ]
    return {"total_count": len(listed), "artifacts": call.page(listed)}


@route("GET", rf"{R}/actions/artifacts/(?P<id>\d+)/zip")
def artifact(call: Call, found: Found) -> Any:
    if int(found["id"]) not in call.repo.artifacts:
        raise Say(404, "Not Found")
    raise Say(302, "", {"Location": f"{call.standin.url}/_logs/{call.repo.name}/{found['id']}"})


@route("GET", rf"{R}/actions/runs/(?P<id>\d+)")
def get_run(call: Call, found: Found) -> Any:
    return call.repo.runs[int(found["id"])]
