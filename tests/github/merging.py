"""How the stand-in merges: what blocks it, at once or by itself, and the questions of GraphQL about that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.github.actions import stamp
from tests.github.api import Call, Say, route
from tests.github.routes import Found, R, pull_of
from tests.github.standin import Repo, StandIn


@route("PUT", rf"{R}/pulls/(?P<number>\d+)/merge")
def merge(call: Call, found: Found) -> Any:
    repo, pull = call.repo, pull_of(call, found)
    if pull["state"] != "open":
        raise Say(405, "Pull Request is not mergeable")
    if call.data["sha"] != pull["head"]["sha"]:
        raise Say(409, "Head branch was modified. Review and try the merge again.")
    no = blocked(repo, pull)
    if no:
        raise Say(405, no)
    if any(one["type"] == "merge_queue" for one in repo.rules):
        raise Say(405, "Changes must be made through the merge queue")
    return {"merged": True, "sha": merged(call.standin, repo, pull, call.login, call.data["merge_method"])}


@route("POST", rf"{R}/pulls/(?P<number>\d+)/requested_reviewers")
def ask(call: Call, found: Found) -> Any:
    """Ask all who are named, or nobody when one of them may not be asked."""
    repo, pull, teams = call.repo, pull_of(call, found), call.data.get("team_reviewers", [])
    for name in call.data.get("reviewers", []):
        if repo.people.get(name) not in ("write", "admin") or name == pull["user"]["login"]:
            raise Say(422, "Reviews may only be requested from collaborators.")
    if any(f"{repo.name.partition('/')[0]}/{name}" not in call.standin.teams for name in teams):
        raise Say(422, "Could not resolve to a node with the global id")
    pull["requested_reviewers"] = pull.get("requested_reviewers", []) + [
        {"login": name} for name in call.data.get("reviewers", [])
    ]
    pull["requested_teams"] = pull.get("requested_teams", []) + [{"slug": name} for name in teams]
    call.standin.count("asked")
    return pull


def blocked(repo: Repo, pull: dict[str, Any]) -> str:
    """Return why GitHub does not merge a pull request now, in its words, or an empty text."""
    base, head = repo.git.head(pull["base"]["ref"]), pull["head"]["sha"]
    if base is None or repo.git.merge_tree(base, head) is None:
        return "Pull Request is not mergeable"
    missing = [name for name in repo.required if not any(green(one, name, head) for one in repo.checks)]
    if missing:
        return f"Required status check {missing} is expected."
    mine = [one for one in repo.reviews if one["pull"] == pull["number"] and one["commit_id"] == head]
    given = {one["user"]["login"] for one in mine if one["state"] == "APPROVED"}
    if sum(repo.people.get(user) in ("write", "admin") for user in given) < repo.reviews_wanted:
        return f"At least {repo.reviews_wanted} approving review is required by reviewers with write access."
    return ""


def merged(standin: StandIn, repo: Repo, pull: dict[str, Any], login: str, method: str = "squash") -> str:
    """Merge a pull request, tell of it, and return the commit."""
    base, head = repo.git.head(pull["base"]["ref"]), pull["head"]["sha"]
    tree = repo.git.merge_tree(base, head)
    parents = [base, head] if method == "merge" else [base]
    sha = repo.git.commit(tree, parents, f"{pull['title']} (#{pull['number']})", login)
    repo.git.point(pull["base"]["ref"], sha)
    pull |= {"state": "closed", "merged_at": stamp(), "merge_commit_sha": sha, "auto_merge": None}
    standin.count("merge")
    payload = {"action": "closed", "number": pull["number"], "pull_request": {**pull, "merged": True}}
    standin.emit("pull_request", payload, repo, login)
    standin.pushed(repo, pull["base"]["ref"], sha, login)
    return sha


def by_itself(standin: StandIn, repo: Repo) -> None:
    """Merge what was to be merged as soon as nothing blocks it."""
    with standin.lock:
        for pull in list(repo.pulls.values()):
            if pull.get("auto_merge") and pull["state"] == "open" and not blocked(repo, pull):
                merged(standin, repo, pull, "github[bot]", pull["auto_merge"]["merge_method"])


def green(check: dict[str, Any], name: str, sha: str) -> bool:
    """Return whether a check run lets a protected branch be merged."""
    return (
        check["name"] == name and check["head_sha"] == sha and check["conclusion"] in ("success", "neutral", "skipped")
    )


@route("POST", "(/api)?/graphql")
def graphql(call: Call, found: Found) -> Any:
    """Answer the questions about merge queues and auto-merge; what is queued is merged by nobody but the test."""
    asked = next((work for name, work in MUTATIONS.items() if name in call.data["query"]), position)
    try:
        return {"data": asked(call, call.data["variables"])}
    except Say as no:
        return {"data": None, "errors": [{"message": str(no)}]}


def position(call: Call, given: dict[str, Any]) -> Any:
    entry = {"state": "QUEUED", "position": 1} if given["number"] in call.repo.queued else None
    return {"repository": {"pullRequest": {"id": str(given["number"]), "mergeQueueEntry": entry}}}


def enqueue(call: Call, given: dict[str, Any]) -> Any:
    number = int(given["id"])
    if call.repo.pulls[number]["head"]["sha"] != given["head"]:
        raise Say(422, "Head sha didn't match")
    call.repo.queued.append(number)
    call.standin.count("enqueued")
    return {"enqueuePullRequest": {"mergeQueueEntry": {"state": "QUEUED", "position": 1}}}


def dequeue(call: Call, given: dict[str, Any]) -> Any:
    call.repo.queued.remove(int(given["id"]))
    return {"dequeuePullRequest": {"clientMutationId": None}}


def enable(call: Call, given: dict[str, Any]) -> Any:
    pull = call.repo.pulls[int(given["id"])]
    if not call.repo.auto_merge:
        raise Say(422, "Pull request Auto merge is not allowed for this repository")
    if given["head"] != pull["head"]["sha"]:
        raise Say(422, "Head sha didn't match")
    if not blocked(call.repo, pull):
        raise Say(422, "Pull request Pull request is in clean status")
    pull["auto_merge"] = {"merge_method": given["method"].lower(), "enabled_by": {"login": call.login}}
    call.standin.count("auto-merge")
    return {"enablePullRequestAutoMerge": {"clientMutationId": None}}


def disable(call: Call, given: dict[str, Any]) -> Any:
    call.repo.pulls[int(given["id"])]["auto_merge"] = None
    return {"disablePullRequestAutoMerge": {"clientMutationId": None}}


MUTATIONS: dict[str, Callable[[Call, dict[str, Any]], Any]] = {
    "enqueuePullRequest": enqueue,
    "dequeuePullRequest": dequeue,
    "enablePullRequestAutoMerge": enable,
    "disablePullRequestAutoMerge": disable,
}
