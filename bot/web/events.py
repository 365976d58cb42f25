"""What a delivery asks for, as plain jobs. Pure: the payload in, the jobs out; what is not handled asks for nothing.

Every job has an id of its own, so that a delivery that comes twice, or two deliveries of one fact, start it once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

LEFT_WELL = frozenset({"MERGE", "ALREADY_MERGED", "QUEUE_CLEARED"})  # reasons to leave a queue that hold nothing back
FAILED = frozenset({"failure", "timed_out", "startup_failure"})
Payload = Mapping[str, Any]


@dataclass(frozen=True)
class Wanted:
    """One job that a delivery asks for: its id, its name, the repository whose turn it takes, and its data."""

    id: str
    name: str
    repository: str
    data: dict[str, Any] = field(default_factory=dict)


def jobs_of(event: str, payload: Payload, delivery: str) -> tuple[Wanted, ...]:
    """Return the jobs that an event asks for, in order; unknown events and actions ask for none."""
    handler = EVENTS.get(event)
    where = Place(payload, delivery)
    return tuple(handler(where)) if handler is not None else ()


class Place:
    """One delivery's payload with what every handler reads of it; what is missing reads as empty."""

    def __init__(self, payload: Payload, delivery: str) -> None:
        self.payload = payload
        self.delivery = delivery
        self.action = text(payload.get("action"))
        self.repository = text(self.part("repository").get("full_name"))
        self.installation = number(self.part("installation").get("id"))

    def part(self, *keys: str) -> Payload:
        """Return a nested object of the payload, or an empty one."""
        found: Any = self.payload
        for key in keys:
            found = found.get(key) if isinstance(found, Mapping) else None
        return found if isinstance(found, Mapping) else {}

    def job(self, name: str, key: str, **data: Any) -> Wanted:
        """Return a job of this repository; the same key is the same job."""
        base = {"repository": self.repository, "installation": self.installation}
        return Wanted(f"{name}:{self.repository}:{key}", name, self.repository or "-", {**base, **data})

    def wake(self, **what: Any) -> Wanted:
        """Return the job that lets our pull requests look again: all, or those of a commit or number."""
        return self.job("wake", self.delivery, **what)


def text(value: object) -> str:
    """Return a value that is text, else an empty text."""
    return value if isinstance(value, str) else ""


def number(value: object) -> int:
    """Return a value that is a whole number, else 0."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def workflow_run(place: Place) -> Iterator[Wanted]:
    """A run that ended: a red one is healed, what a green one measured of the default branch is read.

    Any lets the pull requests of its commit look again.
    """
    run = place.part("workflow_run")
    if place.action != "completed" or not place.repository:
        return
    sha, key = text(run.get("head_sha")), f"{number(run.get('id'))}.{number(run.get('run_attempt')) or 1}"
    yield place.wake(sha=sha)
    head = text(place.part("workflow_run", "head_repository").get("full_name")) or place.repository
    facts = {
        "run": number(run.get("id")),
        "attempt": number(run.get("run_attempt")) or 1,
        "sha": sha,
        "branch": text(run.get("head_branch")),
        "fork": head != place.repository,
        "head": head,
        "workflow": text(run.get("name")),
    }
    if text(run.get("conclusion")) in FAILED:
        yield place.job("heal", key, **facts)
    elif text(run.get("conclusion")) == "success":
        yield place.job("green", key, **facts)
        default = text(place.part("repository").get("default_branch"))
        if facts["branch"] == default and not facts["fork"]:
            yield place.job("measured", key, **facts)


def workflow_job(place: Place) -> Iterator[Wanted]:
    """A job that ended lets the pull requests of its commit look again."""
    if place.action == "completed" and place.repository:
        yield place.wake(sha=text(place.part("workflow_job").get("head_sha")))


def check_run(place: Place) -> Iterator[Wanted]:
    """A check that ended wakes; a button or a re-run of our own check is a command."""
    run = place.part("check_run")
    sha = text(run.get("head_sha"))
    if not place.repository:
        return
    if place.action == "requested_action":
        asked = text(place.part("requested_action").get("identifier"))
        yield place.job("button", place.delivery, action=asked, sha=sha, user=_sender(place))
    elif place.action == "rerequested":
        yield place.job("button", place.delivery, action="retry", sha=sha, user=_sender(place))
    elif place.action == "completed":
        yield place.wake(sha=sha)


def check_suite(place: Place) -> Iterator[Wanted]:
    """A suite that ended lets the pull requests of its commit look again; one asked for again is a command."""
    sha = text(place.part("check_suite").get("head_sha"))
    if place.action in ("completed", "rerequested", "requested") and place.repository:
        yield place.wake(sha=sha)
    if place.action == "rerequested" and place.repository:
        yield place.job("button", place.delivery, action="retry", sha=sha, user=_sender(place))


def status(place: Place) -> Iterator[Wanted]:
    """A commit status lets the pull requests of its commit look again."""
    if place.repository:
        yield place.wake(sha=text(place.payload.get("sha")))


def push(place: Place) -> Iterator[Wanted]:
    """A push to the default branch may move a base or change the policy; every open pull request looks again."""
    base = text(place.part("repository").get("default_branch"))
    if place.repository and text(place.payload.get("ref")) == f"refs/heads/{base}":
        yield place.wake()


def pull_request(place: Place) -> Iterator[Wanted]:
    """A change of a pull request lets it look again; a person's one that touches the policy has it checked."""
    pull = place.part("pull_request")
    if not place.repository or not number(pull.get("number")):
        return
    yield place.wake(number=number(pull.get("number")))
    if place.action == "dequeued" and text(place.payload.get("reason")) not in LEFT_WELL:
        reason = text(place.payload.get("reason")) or "no reason"
        yield place.job("dequeued", place.delivery, number=number(pull.get("number")), reason=reason)
    if place.action in ("opened", "reopened", "synchronize"):
        sha = text(place.part("pull_request", "head").get("sha"))
        base = text(place.part("pull_request", "base").get("ref"))
        yield place.job("policy", sha, number=number(pull.get("number")), sha=sha, base=base)


def pull_request_review(place: Place) -> Iterator[Wanted]:
    """A review lets its pull request look again; its first line may be a command."""
    pull = number(place.part("pull_request").get("number"))
    if not place.repository or not pull:
        return
    if place.action == "submitted":
        yield from _command(place, pull, place.part("review"))
    if place.action in ("submitted", "dismissed", "edited"):
        yield place.wake(number=pull)


def pull_request_review_comment(place: Place) -> Iterator[Wanted]:
    """A new comment on a line may be a command."""
    pull = number(place.part("pull_request").get("number"))
    if place.action == "created" and place.repository and pull:
        yield from _command(place, pull, place.part("comment"))


def issue_comment(place: Place) -> Iterator[Wanted]:
    """A new comment on a pull request may be a command; an edited one never is."""
    issue = place.part("issue")
    if place.action == "created" and place.repository and issue.get("pull_request"):
        yield from _command(place, number(issue.get("number")), place.part("comment"))


def _command(place: Place, pull: int, comment: Payload) -> Iterator[Wanted]:
    body = text(comment.get("body"))
    if body.startswith("/selfheal"):
        said = {"number": pull, "comment": number(comment.get("id")), "line": body.splitlines()[0][:300]}
        user = comment.get("user")
        name = text(user.get("login")) if isinstance(user, Mapping) else ""
        kind = text(user.get("type")) if isinstance(user, Mapping) else ""
        yield place.job("command", place.delivery, user=name, bot=kind == "Bot", **said)


def installation(place: Place) -> Iterator[Wanted]:
    """The App was installed, removed, suspended or given other permissions."""
    if place.installation:
        keys = ("repositories", "repositories_added", "repositories_removed")
        listed = [one for key in keys for one in place.payload.get(key) or () if isinstance(one, Mapping)]
        names = [text(one.get("full_name")) for one in listed]
        data = {"installation": place.installation, "action": place.action, "repositories": names}
        yield Wanted(f"installation:{place.delivery}", "installation", f"installation {place.installation}", data)


def repository(place: Place) -> Iterator[Wanted]:
    """The repository was renamed, transferred, archived or deleted."""
    if place.repository and place.action in ("renamed", "transferred", "archived", "unarchived", "deleted"):
        owner, _, name = place.repository.partition("/")
        changed = place.part("changes", "owner", "from")
        logins = [text(place.part("changes", "owner", "from", kind).get("login")) for kind in changed]
        old = text(place.part("changes", "repository", "name").get("from")) or name
        before = f"{next(filter(None, logins), owner)}/{old}"
        yield place.job("repository", place.delivery, action=place.action, before=before)


def deployment(place: Place) -> Iterator[Wanted]:
    """A deployment, or its status, lets the pull requests that wait for one look again."""
    if place.repository:
        yield place.wake()


def merge_group(place: Place) -> Iterator[Wanted]:
    """A merge queue that moved lets every open pull request look again; a group may wait for our check too."""
    group = place.part("merge_group")
    if place.repository:
        yield place.wake()
    if place.repository and place.action == "checks_requested":
        sha, base = text(group.get("head_sha")), text(group.get("base_ref")).removeprefix("refs/heads/")
        yield place.job("group", sha, sha=sha, base=base)


def _sender(place: Place) -> str:
    return text(place.part("sender").get("login"))


EVENTS: dict[str, Callable[[Place], Iterator[Wanted]]] = {
    "check_run": check_run,
    "check_suite": check_suite,
    "deployment": deployment,
    "deployment_status": deployment,
    "installation": installation,
    "installation_repositories": installation,
    "issue_comment": issue_comment,
    "merge_group": merge_group,
    "pull_request": pull_request,
    "pull_request_review": pull_request_review,
    "pull_request_review_comment": pull_request_review_comment,
    "push": push,
    "repository": repository,
    "status": status,
    "workflow_job": workflow_job,
    "workflow_run": workflow_run,
}
