"""The stand-in itself: accounts, repositories, events; `api.py` has the routes and `actions.py` runs workflows."""

from __future__ import annotations

import hashlib
import hmac
import json
import queue
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from ruamel.yaml import YAML

from tests.github.gitstore import GitStore


@cache
def manifest() -> Any:
    """Return the App's manifest."""
    return YAML(typ="safe").load((Path(__file__).parent.parent.parent / "app.yml").read_text(encoding="utf-8"))


@cache
def keys(number: int) -> tuple[str, str]:
    """Return a private and a public key; those of a number are made once in a process, which takes long."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form, plain = serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, form, plain)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


@dataclass
class App:
    """A GitHub App: its id, key, slug, and where its webhooks go."""

    id: int
    slug: str
    pem: str
    public: str
    webhook_url: str = ""
    secret: str = "webhook-secret"
    installations: dict[int, str] = field(default_factory=dict)
    permissions: dict[str, str] = field(default_factory=lambda: dict(manifest()["default_permissions"]))
    events: list[str] = field(default_factory=lambda: list(manifest()["default_events"]))

    @property
    def login(self) -> str:
        """Return the login that its events are sent under."""
        return f"{self.slug}[bot]"


@dataclass
class Repo:
    """One repository."""

    name: str
    git: GitStore
    default_branch: str = "main"
    pulls: dict[int, dict[str, Any]] = field(default_factory=dict)
    comments: list[dict[str, Any]] = field(default_factory=list)
    reviews: list[dict[str, Any]] = field(default_factory=list)
    checks: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    deployments: list[dict[str, Any]] = field(default_factory=list)
    runs: dict[int, dict[str, Any]] = field(default_factory=dict)
    logs: dict[int, bytes] = field(default_factory=dict)
    artifacts: dict[int, dict[str, Any]] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    required: list[str] = field(default_factory=list)
    rules: list[dict[str, Any]] = field(default_factory=list)
    labels: dict[int, list[str]] = field(default_factory=dict)
    script: Callable[[str, str], str] | None = None
    issues: dict[int, dict[str, Any]] = field(default_factory=dict)
    output: str = ""
    forks: dict[str, str] = field(default_factory=dict)
    queued: list[int] = field(default_factory=list)
    jobs: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    reviews_wanted: int = 0
    private: bool = False
    auto_merge: bool = False


@dataclass
class Fault:
    """An answer to give instead of, or after, the real one."""

    method: str
    part: str
    status: int
    times: int = 1
    after: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    message: str = "injected"
    body: Any = None


@dataclass
class Trap:
    """Something to do once when a call comes: before its effect, or after it and before the answer."""

    method: str
    part: str
    spring: Callable[[], None]
    after: bool


class StandIn:
    """A GitHub on loopback. Use as a context manager; then `url` is its address."""

    def __init__(self, folder: Path, *, actions: bool = True, prefix: str = "") -> None:
        self.folder = folder
        self.prefix = prefix
        self.page_size = 100
        self.violations: list[str] = []
        self.repos: dict[str, Repo] = {}
        self.apps: dict[int, App] = {}
        self.tokens: dict[str, tuple[int, str]] = {}
        self.faults: list[Fault] = []
        self.traps: list[Trap] = []
        self.answered: list[tuple[str, str, int]] = []
        self.counts: dict[str, int] = {}
        self.teams: dict[str, set[str]] = {}
        self.signs = True
        self.codes: dict[str, dict[str, Any]] = {}
        self.deliveries: list[dict[str, Any]] = []
        self.lock = threading.RLock()
        self.actions = actions
        self.deployer: Callable[[Repo, str], str] | None = None
        self.url = ""
        self._work: queue.Queue[Callable[[], None] | None] = queue.Queue()
        self._ids = iter(range(1000, 10_000_000))
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> StandIn:
        from tests.github.api import serve

        self._server = serve(self)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        for target in (self._server.serve_forever, self._run):
            thread = threading.Thread(target=target, daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._work.put(None)
        self._server.shutdown()
        self._server.server_close()
        for thread in self._threads:
            thread.join(timeout=30)
        if kind is None and self.violations:
            raise AssertionError("against GitHub's description:\n" + "\n".join(dict.fromkeys(self.violations)))

    @property
    def api_url(self) -> str:
        """Return the address of the API; a GitHub Enterprise Server has it below `/api/v3`."""
        return f"{self.url}{self.prefix}"

    @property
    def requests(self) -> list[tuple[str, str, int]]:
        """Return the method, path and status of every request; one under way, whose effect may show, is waited for."""
        with self.lock:
            return list(self.answered)

    @property
    def effects(self) -> dict[str, int]:
        """Return how often each effect was made; a request under way is waited for."""
        with self.lock:
            return dict(self.counts)

    def next_id(self) -> int:
        """Return a number that was not used before."""
        return next(self._ids)

    def count(self, effect: str) -> None:
        """Count an effect, so that a test can tell that it happened once."""
        with self.lock:
            self.counts[effect] = self.counts.get(effect, 0) + 1

    def later(self, work: Callable[[], None]) -> None:
        """Do something on the worker thread, in order."""
        self._work.put(work)

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            try:
                work()
            except Exception as error:  # noqa: BLE001 - what comes after it is done all the same, and the end tells of it
                self.violations.append(f"work of the stand-in failed: {error!r}"[:500])

    def settle(self, seconds: float = 60.0) -> None:
        """Return when the worker thread has nothing left to do."""
        done = threading.Event()
        self.later(done.set)
        done.wait(seconds)

    def app(self, slug: str = "selfheal") -> App:
        """Return a new App with a key of its own."""
        pem, public = keys(len(self.apps))
        made = App(id=self.next_id(), slug=slug, pem=pem, public=public)
        self.apps[made.id] = made
        return made

    def install(self, app: App, repository: str) -> int:
        """Install an App on a repository and return the installation's id."""
        number = self.next_id()
        app.installations[number] = repository
        return number

    def repo(self, name: str, files: Mapping[str, str]) -> Repo:
        """Return a new repository with a first commit on its default branch; nothing is run for it."""
        made = Repo(name, GitStore(self.folder / "repos" / f"{name}.git"))
        self.repos[name] = made
        self.write(name, "main", files, user="ann", quiet=True)
        return made

    def write(
        self, name: str, branch: str, files: Mapping[str, str | None], *, user: str = "ann", quiet: bool = False
    ) -> str:
        """Commit files to a branch as a person, as by a push, and return the commit."""
        repo = self.repos[name]
        head = repo.git.head(branch) or repo.git.head(repo.default_branch)
        entries = [
            {"path": path, "mode": "100644", "sha": None if text is None else repo.git.blob(text.encode())}
            for path, text in files.items()
        ]
        tree = repo.git.tree(head, entries)
        sha = repo.git.commit(tree, [head] if head else [], f"change {', '.join(files)}"[:70], user)
        repo.git.point(branch, sha)
        if not quiet:
            self.pushed(repo, branch, sha, user)
        return sha

    def pushed(self, repo: Repo, branch: str, sha: str, user: str) -> None:
        """Tell of a push, move the pull requests of the branch, and run its workflow."""
        from tests.github import actions

        payload = {"ref": f"refs/heads/{branch}", "after": sha, "head_commit": {"id": sha}, "commits": []}
        self.emit("push", payload, repo, user)
        for pull in repo.pulls.values():
            if pull["head"]["ref"] == branch and pull["state"] == "open":
                pull["head"]["sha"] = sha
                self.emit(
                    "pull_request",
                    {"action": "synchronize", "number": pull["number"], "pull_request": pull},
                    repo,
                    user,
                )
        if self.actions:
            self.later(lambda: actions.run(self, repo, branch, sha))

    def emit(self, event: str, payload: Mapping[str, Any], repo: Repo, user: str) -> None:
        """Send an event to every App that is installed on a repository, signed, from the worker thread."""
        for app in self.apps.values():
            for number, name in app.installations.items():
                if name == repo.name and app.webhook_url:
                    body = {**payload, **self.around(repo, user, number)}
                    data = json.dumps(body).encode()
                    guid = str(uuid.uuid4())
                    self.later(lambda app=app, data=data, guid=guid: self.deliver(app, event, data, guid))

    def around(self, repo: Repo, user: str, installation: int) -> dict[str, Any]:
        """Return what every payload holds: repository, sender, installation."""
        kind = "Bot" if user.endswith("[bot]") else "User"
        return {
            "repository": self.as_repo(repo),
            "sender": {"login": user, "type": kind},
            "installation": {"id": installation},
        }

    def as_repo(self, repo: Repo) -> dict[str, Any]:
        """Return a repository as the API shows it."""
        owner, _, name = repo.name.partition("/")
        return {
            "full_name": repo.name,
            "name": name,
            "owner": {"login": owner},
            "default_branch": repo.default_branch,
            "private": repo.private,
            "allow_auto_merge": repo.auto_merge,
        }

    def deliver(self, app: App, event: str, data: bytes, guid: str) -> None:
        """Send one delivery and remember how it went."""
        signature = hmac.new(app.secret.encode(), data, hashlib.sha256).hexdigest()
        request = urllib.request.Request(
            app.webhook_url,
            data=data,
            headers={
                "Content-Type": "application/json",
                "X-GitHub-Event": event,
                "X-GitHub-Delivery": guid,
                "X-Hub-Signature-256": f"sha256={signature}",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                status = "OK" if answer.status < 300 else "failed"
        except (urllib.error.URLError, OSError):
            status = "failed"
        row = {"id": self.next_id(), "guid": guid, "event": event, "status": status, "at": time.time()}
        self.deliveries.append({**row, "app": app.id, "data": data})

    def redeliver(self, number: int) -> None:
        """Send a delivery again."""
        for row in list(self.deliveries):
            if row["id"] == number:
                self.later(lambda row=row: self.deliver(self.apps[row["app"]], row["event"], row["data"], row["guid"]))

    def comment(self, name: str, number: int, user: str, body: str) -> None:
        """Comment on a pull request as a person."""
        repo = self.repos[name]
        made = self.add_comment(repo, number, user, body)
        issue = {"number": number, "pull_request": {"url": ""}}
        self.emit("issue_comment", {"action": "created", "issue": issue, "comment": made}, repo, user)

    def add_comment(self, repo: Repo, number: int, user: str, body: str) -> dict[str, Any]:
        """Add a comment without telling anybody."""
        kind = "Bot" if user.endswith("[bot]") else "User"
        made = {"id": self.next_id(), "issue": number, "body": body, "user": {"login": user, "type": kind}}
        repo.comments.append(made)
        return made

    def review(self, name: str, number: int, user: str, state: str) -> None:
        """Review a pull request as a person: APPROVED, CHANGES_REQUESTED or COMMENTED."""
        from tests.github import merging

        repo = self.repos[name]
        made = {
            "id": self.next_id(),
            "pull": number,
            "state": state,
            "user": {"login": user, "type": "User"},
            "commit_id": repo.pulls[number]["head"]["sha"],
            "body": "",
        }
        repo.reviews.append(made)
        payload = {"action": "submitted", "review": made, "pull_request": repo.pulls[number]}
        self.emit("pull_request_review", payload, repo, user)
        merging.by_itself(self, repo)

    def open(self, name: str, branch: str, user: str, *, base: str = "main") -> dict[str, Any]:
        """Open a pull request as a person."""
        from tests.github.routes import new_pull

        repo = self.repos[name]
        return new_pull(self, repo, {"head": branch, "base": base, "title": f"Change {branch}", "body": ""}, user)

    def close(self, name: str, number: int, user: str) -> None:
        """Close a pull request as a person."""
        repo = self.repos[name]
        repo.pulls[number]["state"] = "closed"
        payload = {"action": "closed", "number": number, "pull_request": repo.pulls[number]}
        self.emit("pull_request", payload, repo, user)

    def roll_out(self, repo: Repo, deployment: dict[str, Any]) -> None:
        """Let the deployer, where there is one, take a commit to production, and tell how that ended."""
        if self.deployer is None:
            return
        deployment["states"].append("in_progress")
        deployment["states"].append(self.deployer(repo, deployment["sha"]))
        status = {"state": deployment["states"][-1]}
        self.emit("deployment_status", {"deployment_status": status, "deployment": deployment}, repo, "ann")

    def leave_queue(self, name: str, number: int, reason: str) -> None:
        """Let a merge queue give a pull request back: merged, or thrown out for a reason."""
        from tests.github.merging import merged

        repo = self.repos[name]
        repo.queued.remove(number)
        payload = {"action": "dequeued", "number": number, "reason": reason, "pull_request": repo.pulls[number]}
        self.emit("pull_request", payload, repo, "github-merge-queue[bot]")
        if reason == "MERGE":
            merged(self, repo, repo.pulls[number], "github-merge-queue[bot]")

    def trap(self, method: str, part: str, spring: Callable[[], None], *, after: bool) -> None:
        """Do something once when a call comes whose path ends in or holds `part`."""
        self.traps.append(Trap(method, part, spring, after))

    def fault(self, method: str, part: str, status: int, **more: Any) -> None:
        """Let calls whose path holds `part` fail with a status so many times; with `after`, when the effect is made."""
        self.faults.append(Fault(method, part, status, **more))
