"""The `Forge` port on GitHub: every write looks first and adopts what is there, so that nothing is done twice."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from time import time
from typing import Any
from urllib.parse import quote

from bot import codeowners
from bot.adapters import github_checks, github_issues, github_merges, github_reviewers
from bot.adapters import github_people as people
from bot.adapters import github_rollouts as rollouts
from bot.adapters.github_answers import Conflict, seconds
from bot.adapters.github_client import Client
from bot.diary import told
from bot.errors import Declined, Refused, Transient
from bot.model import Approval, Branch, CheckState, FileEdit, Merge, PullRequest, PullRequestFacts, Rollout
from bot.notes import KIND, Notes, notes_in

HOUR, DAY = 3600.0, 86_400.0
PLAIN = "100644"  # git's mode of a file that is not executable


def same(theirs: str | None, ours: str) -> bool:
    """Return whether GitHub holds a text of ours already, whatever it did to its line ends."""
    return (theirs or "").replace("\r\n", "\n").strip() == ours.strip()


class GitHubForge:
    """One repository on GitHub, as one installation of the App with this slug."""

    def __init__(
        self,
        client: Client,
        slug: str,
        *,
        base: str = "",
        teams: tuple[str, ...] = (),
        now: Callable[[], float] = time,
    ) -> None:
        self.client = client
        self.slug = slug
        self.login = f"{slug}[bot]"
        self._now = now
        self._base = base
        self._teams = teams

    def base(self) -> str:
        """Return the branch that pull requests go to: the default branch unless another was named."""
        self._base = self._base or self.default_branch()
        return self._base

    def default_branch(self) -> str:
        """Return the name of the default branch."""
        return str(self.client.get("")["default_branch"])

    def head_of(self, branch: str) -> str | None:
        """Return the commit a branch points at, or None when it does not exist."""
        found = self.client.get(f"/git/ref/heads/{quote(branch)}", missing=True)
        return str(found["object"]["sha"]) if isinstance(found, dict) else None

    def branch(self, name: str, base: str) -> Branch:
        """Create the branch at the head of `base`, or adopt it."""
        base_sha = self._known(base)
        head = self.head_of(name)
        if head is None:
            try:
                self.client.write("POST", "/git/refs", {"ref": f"refs/heads/{name}", "sha": base_sha})
                head = base_sha
            except (Conflict, Transient):
                head = self.head_of(name)
                if head is None:
                    raise
        if head == base_sha:
            return Branch(name=name, base=base, base_sha=base_sha, head_sha=head)
        fork = self.client.get(f"/compare/{base_sha}...{head}")["merge_base_commit"]["sha"]
        return Branch(name=name, base=base, base_sha=fork, head_sha=head, adopted=True)

    def _known(self, branch: str) -> str:
        head = self.head_of(branch)
        if head is None:
            raise Declined(f"the branch {branch} is not there")
        return head

    def holds(self, edits: tuple[FileEdit, ...]) -> bool:
        """Return whether the base branch has all these edits already."""
        return self._has(edits, self.base())

    def text(self, path: str, ref: str) -> str | None:
        """Return a file's text at a ref (the default branch where it is empty), or None when it is not there."""
        at = f"?ref={quote(ref, safe='')}" if ref else ""
        found = self.client.get(f"/contents/{quote(path)}{at}", missing=True)
        if not isinstance(found, dict) or found.get("type") != "file":
            return None
        if found.get("content"):
            data = base64.b64decode(found["content"])
        else:
            data = base64.b64decode(self.client.get(f"/git/blobs/{found['sha']}")["content"])
        return data.decode("utf-8", "surrogateescape")

    def commit(self, branch: Branch, edits: tuple[FileEdit, ...], message: str, *, onto: str = "") -> str:
        """Commit the edits on the branch, on top of `onto` too where given, or adopt an equal head; return the head."""
        head = self._known(branch.name)
        there = self.client.get(f"/git/commits/{head}")
        if (not onto or onto in {one["sha"] for one in there.get("parents", ())}) and self._has(edits, head):
            return head
        parent = self.client.get(f"/git/commits/{onto}") if onto else there
        # GitHub refuses to remove what is not there.
        changed = [one for one in edits if one.text is not None or self.text(one.path, onto or head) is not None]
        tree = self.client.write(
            "POST",
            "/git/trees",
            {"base_tree": parent["tree"]["sha"], "tree": [self._entry(edit, onto or head) for edit in changed]},
        )
        parents = [head, onto] if onto else [head]
        made = self.client.write("POST", "/git/commits", {"message": message, "tree": tree["sha"], "parents": parents})
        self._verified(made, branch.base)
        try:
            self.client.write("PATCH", f"/git/refs/heads/{quote(branch.name)}", {"sha": made["sha"], "force": False})
        except (Conflict, Transient):
            head = self._known(branch.name)
            if self._tree(head) != tree["sha"]:
                raise
            return head
        return str(made["sha"])

    def _has(self, edits: tuple[FileEdit, ...], ref: str) -> bool:
        return all(self.text(edit.path, ref) == edit.text for edit in edits)

    def _verified(self, made: Mapping[str, Any], base: str) -> None:
        """Read back whether GitHub signed a commit; raises `Refused` where the base takes none without a signature."""
        if (made.get("verification") or {}).get("verified"):
            return
        told("GitHub did not sign this commit", commit=made["sha"])
        if any(one.get("type") == "required_signatures" for one in github_checks.rules(self.client, base)):
            hint = f"Let the ruleset of {base} take this App's commits, or commit the patch yourself."
            raise Refused(f"{base} takes only signed commits, and GitHub did not sign ours", hint=hint)

    def _tree(self, sha: str) -> str:
        return str(self.client.get(f"/git/commits/{sha}")["tree"]["sha"])

    def _entry(self, edit: FileEdit, ref: str) -> dict[str, Any]:
        if edit.text is None:
            return {"path": edit.path, "mode": PLAIN, "type": "blob", "sha": None}
        data = base64.b64encode(edit.text.encode("utf-8", "surrogateescape")).decode()
        blob = self.client.write("POST", "/git/blobs", {"content": data, "encoding": "base64"})
        return {"path": edit.path, "mode": self._mode(edit.path, ref), "type": "blob", "sha": blob["sha"]}

    def _mode(self, path: str, ref: str) -> str:
        *folders, name = path.split("/")
        tree = self._tree(ref)
        for folder in folders:
            found = self._listed(tree, folder, "tree")
            if found is None:
                return PLAIN
            tree = str(found["sha"])
        found = self._listed(tree, name, "blob")
        return str(found["mode"]) if found else PLAIN

    def _listed(self, tree: str, name: str, kind: str) -> dict[str, Any] | None:
        entries = self.client.get(f"/git/trees/{tree}")["tree"]
        return next((one for one in entries if one["path"] == name and one["type"] == kind), None)

    def open(self, branch: Branch, title: str, body: str, labels: tuple[str, ...]) -> PullRequest:
        """Open a pull request for the branch, or adopt the open one and bring its text up to date."""
        found = self._open_for(branch.name)
        if found is None:
            data = {"title": title, "head": branch.name, "base": branch.base, "body": body}
            try:
                found = self.client.write("POST", "/pulls", data)
            except (Conflict, Transient):
                found = self._open_for(branch.name)
                if found is None:
                    raise
        elif found["title"] != title or not same(found.get("body"), body):
            self.client.write("PATCH", f"/pulls/{found['number']}", {"title": title, "body": body})
        number = int(found["number"])
        if set(labels) - {one["name"] for one in found.get("labels") or ()}:
            try:
                self.client.write("POST", f"/issues/{number}/labels", {"labels": list(labels)})
            except Declined as no:
                told(f"pull request {number} got no labels: {no}", repository=self.client.repository)
        return self.pull_request(number)

    def _open_for(self, branch: str) -> dict[str, Any] | None:
        owner = self.client.repository.partition("/")[0]
        found = self.client.get(f"/pulls?state=open&head={quote(f'{owner}:{branch}', safe='')}&per_page=10")
        mine = [one for one in found if one["head"]["ref"] == branch]
        return mine[0] if mine else None

    def ask(self, number: int, owners: tuple[str, ...]) -> None:
        """Ask code owners for a review of a pull request, once; whom GitHub does not take is left out."""
        github_reviewers.asked(self.client, number, owners, self.login)

    def find(self, marker: str) -> tuple[PullRequest, ...]:
        """Return our pull requests, open or closed, that carry a marker, oldest first."""
        listed = self.client.pages("/pulls?state=all&sort=created&direction=desc", limit=500)
        mine = [one for one in listed if marker in (one.get("body") or "") and people.login(one) == self.login]
        return tuple(self._as_pull(one) for one in sorted(mine, key=lambda one: int(one["number"])))

    def pull_request(self, number: int) -> PullRequest:
        """Return the pull request as it stands now."""
        found = self.client.get(f"/pulls/{number}")
        commits = self.client.pages(f"/pulls/{number}/commits", limit=200)
        strangers = any(not self._ours(one) for one in commits)
        return self._as_pull(found).model_copy(update={"taken_over": strangers})

    def _ours(self, commit: Mapping[str, Any]) -> bool:
        author = commit.get("author") or {}
        if author:
            return bool(author.get("login") == self.login)
        named = commit["commit"].get("author") or {}  # GitHub knows no account for this address
        return named.get("name") == self.login or str(named.get("email", "")).endswith(
            f"{self.login}@users.noreply.github.com"
        )

    def _as_pull(self, found: Mapping[str, Any]) -> PullRequest:
        state = "merged" if found.get("merged_at") else found["state"]
        return PullRequest(
            number=found["number"],
            branch=found["head"]["ref"],
            base=found["base"]["ref"],
            head_sha=found["head"]["sha"],
            state=state,
            url=found.get("html_url", ""),
            mergeable=found.get("mergeable"),
            labels=tuple(one["name"] for one in found.get("labels") or ()),
            opened_at=seconds(found["created_at"]),
            closed_by_person=state == "closed",
        )

    def approvals(self, number: int) -> tuple[Approval, ...]:
        """Return the reviews that count, the newest of each person, each with the permission asked of GitHub now."""
        return self._approved(number, ())

    def _approved(self, number: int, owners: tuple[str, ...]) -> tuple[Approval, ...]:
        wanted = tuple(dict.fromkeys((*self._teams, *(owner for owner in owners if "/" in owner))))
        return people.approvals(self.client, number, self.login, self.notes(number).approvals, wanted)

    def notes(self, number: int) -> Notes:
        """Return what people said by command on a pull request, from the comment of ours that holds it."""
        for comment in self.client.pages(f"/issues/{number}/comments"):
            if people.login(comment) == self.login and f":{KIND} -->" in (comment.get("body") or ""):
                return notes_in(comment["body"])
        return Notes()

    def permission(self, user: str) -> str:
        """Return a person's permission on the repository as GitHub says now; `none` for an outsider."""
        return people.permission(self.client, user)

    def checks(self, sha: str) -> tuple[CheckState, ...]:
        """Return the check runs and statuses of a commit, the worst of each name."""
        return github_checks.checks(self.client, sha, self.slug)

    def report(self, sha: str, check: CheckState, summary: str) -> None:
        """Write our own check run on a commit, or update the one there is."""
        github_checks.report(self.client, sha, check, summary, self.login.removesuffix("[bot]"))

    def required_checks(self, branch: str) -> tuple[str, ...]:
        """Return the checks that classic protection or rulesets demand on a branch."""
        return github_checks.required(self.client, branch)

    def facts(self, facts: PullRequestFacts) -> PullRequestFacts:
        """Return the facts completed with counts, owners, approvals, labels and checks."""
        now, owners = self._now(), self._owners(facts.patch.files)
        more: dict[str, Any] = {
            "owners_by_path": owners,
            "owners": tuple(sorted({owner for each in owners.values() for owner in each})),
            "required_checks": self.required_checks(self.base()),
            "now": now,
        }
        if facts.pull_request is None:
            more |= self._spent(now)
        else:
            pull = self.pull_request(facts.pull_request.number)
            more |= {
                "pull_request": pull,
                "labels": pull.labels,
                "approvals": self._approved(pull.number, more["owners"]),
            }
            more |= {"holds": self.notes(pull.number).holds}
            more |= {"checks": self.checks(pull.head_sha), "base_touched": self._base_touched(pull, facts.patch.files)}
        return facts.model_copy(update=more)

    def _spent(self, now: float) -> dict[str, Any]:
        """Return what of the budgets is used up: only a pull request that is not there yet asks for them."""
        listed = self.client.pages("/pulls?state=all&sort=created&direction=desc", limit=200)
        ages = [now - seconds(one["created_at"]) for one in listed if people.login(one) == self.login]
        open_ = self.client.pages("/pulls?state=open")
        return {
            "open_count": sum(people.login(one) == self.login for one in open_),
            "opened_last_day": sum(age < DAY for age in ages),
            "opened_last_hour": sum(age < HOUR for age in ages),
            "ci_minutes": github_checks.minutes(self.client, now - DAY),
        }

    def _base_touched(self, pull: PullRequest, files: Iterable[str]) -> tuple[str, ...]:
        if pull.state != "open":
            return ()
        found = self.client.get(f"/compare/{pull.head_sha}...{quote(pull.base, safe='')}")
        return tuple(sorted({one["filename"] for one in found.get("files") or []} & set(files)))

    def _owners(self, files: Iterable[str]) -> dict[str, tuple[str, ...]]:
        for place in codeowners.PLACES:
            text = self.text(place, self.base())
            if text is not None:
                return codeowners.owners(text, tuple(files))
        return {}

    def comment(self, number: int, marker: str, body: str) -> None:
        """Write the one comment that carries `marker`, or edit it when it says something else."""
        found = self._comment(number, marker)
        text = body if marker in body else f"{marker}\n{body}"
        if found is not None:
            if not same(found.get("body"), text):
                self.client.write("PATCH", f"/issues/comments/{found['id']}", {"body": text})
            return
        try:
            self.client.write("POST", f"/issues/{number}/comments", {"body": text})
        except Transient:
            if self._comment(number, marker) is None:
                raise

    def offer(self, marker: str, title: str, body: str) -> str:
        """Comment on the open pull request of the base branch, else write an issue, once; return its address."""
        pull = self._open_for(self.base())
        if pull is not None:
            self.comment(int(pull["number"]), marker, body)
            return str(pull["html_url"])
        return github_issues.write(self.client, self.login, marker, {"title": title, "body": body})

    def _comment(self, number: int, marker: str) -> dict[str, Any] | None:
        listed = self.client.pages(f"/issues/{number}/comments")
        mine = [one for one in listed if marker in (one.get("body") or "") and people.login(one) == self.login]
        return mine[0] if mine else None

    def merge(self, number: int, sha: str, method: str, *, delete_branch: bool = True) -> Merge:
        """Merge if the head is still `sha`; says why not otherwise. A merge that was made already is adopted."""
        done = github_merges.made(self.client, number, sha, method)
        if done.merged and delete_branch:
            github_merges.removed(self.client, number)
        return done

    def merged(self, number: int, method: str = "") -> Merge | None:
        """Return the merge of a pull request, or None while it is not merged."""
        return github_merges.merged(self.client, number, method)

    def withdraw(self, number: int) -> None:
        """Take back what would let GitHub merge a pull request later without asking us again."""
        github_merges.withdrawn(self.client, number, self.login)

    def deploy(self, sha: str, environment: str, kind: str, workflow: str) -> Rollout:
        """Ask for a deployment or a workflow run of a commit, or adopt the one there is."""
        try:
            if kind == "workflow":
                return rollouts.dispatch(self.client, sha, workflow, self.base())
            return rollouts.deploy(self.client, sha, environment)
        except Declined as no:
            return Rollout(reason=f"GitHub did not take it: {no}")

    def rollout(self, rollout: Rollout) -> Rollout:
        """Return the deployment or workflow run as it stands now."""
        return rollouts.state(self.client, rollout)

    def revert(self, merge: Merge, title: str, body: str) -> PullRequest:
        """Open a pull request that takes our own merge back, or adopt it; raises `Refused` when that conflicts."""
        base, name = self.base(), f"revert/{merge.sha[:12]}"
        branch = self.branch(name, base)
        if branch.head_sha == branch.base_sha:
            edits = self._undone(merge.sha)
            sha = self.commit(branch, edits, title)
            branch = branch.model_copy(update={"head_sha": sha})
        return self.open(branch, title, body, ("self-healing", "revert"))

    def _undone(self, sha: str) -> tuple[FileEdit, ...]:
        commit = self.client.get(f"/commits/{sha}")
        before = commit["parents"][0]["sha"]
        names = {name for one in commit["files"] for name in (one["filename"], one.get("previous_filename")) if name}
        for name in names:
            if self.text(name, self.base()) != self.text(name, sha):
                raise Refused(f"{sha[:12]} can't be taken back: {name} was changed since", hint="Revert it by hand.")
        return tuple(FileEdit(path=name, text=self.text(name, before)) for name in sorted(names))
