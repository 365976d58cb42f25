"""A forge in a folder: a bare clone, pull requests as files, approvals by command, real merges.

It writes nothing outside its folder; the checkout is only read. Every write looks first and adopts what is there.
"""

from __future__ import annotations

from pathlib import Path

from bot import codeowners
from bot.adapters import forge_clone, forge_ledger
from bot.adapters.bare import EMAIL, Bare
from bot.adapters.forge_ledger import Ledger, LocalOffer, LocalPull
from bot.errors import Misconfigured, Refused
from bot.messages import cause_of
from bot.model import (
    Approval,
    Branch,
    CheckState,
    FileEdit,
    Merge,
    PullRequest,
    PullRequestFacts,
    Rollout,
)
from bot.ports import Clock

HOUR, DAY = 3600.0, 86_400.0
FINGERPRINT = 6  # the fewest characters of an id that `approve` takes


class LocalForge:
    """The `Forge` port on a folder made by `create`."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.folder = folder
        self._bare = Bare(folder)
        self._clock = clock

    @classmethod
    def create(cls, folder: Path, checkout: Path, clock: Clock) -> LocalForge:
        """Return the forge in `folder`, made as a bare clone of the checkout as found, or brought up to it."""
        forge = cls(folder, clock)
        forge._bare.create()
        with forge_ledger.locked(folder):
            known = forge_ledger.read(folder)
            base = forge_clone.bring_up(forge._bare, checkout, known.base if known else "")
            if known is None:
                forge_ledger.write(folder, Ledger(base=base))
        return forge

    def base(self) -> str:
        """Return the name of the base branch."""
        return self._ledger().base

    def head_of(self, branch: str) -> str | None:
        """Return the commit a branch points at, or None when it does not exist."""
        return self._bare.head(branch)

    def holds(self, edits: tuple[FileEdit, ...]) -> bool:
        """Return whether the base branch has all these edits already."""
        head = self._head(self.base())
        return self._bare.edited(head, edits) == self._bare.tree(head)

    def branch(self, name: str, base: str) -> Branch:
        """Create the branch at the head of `base`, or adopt it."""
        base_sha = self._head(base)
        adopted = not self._bare.point(name, base_sha, None)
        head = self._head(name)
        fork = self._bare.git("merge-base", base_sha, head) if adopted else base_sha
        return Branch(name=name, base=base, base_sha=fork, head_sha=head, adopted=adopted)

    def text(self, path: str, ref: str) -> str | None:
        """Return a file's text at a branch or commit, or None when it is not there."""
        return self._bare.text(self._bare.head(ref) or ref, path)

    def commit(self, branch: Branch, edits: tuple[FileEdit, ...], message: str, *, onto: str = "") -> str:
        """Commit the edits on the branch, or adopt the head when it has them; return the head.

        With `onto` the commit has two parents and the tree of `onto` with the edits.
        """
        head = self._head(branch.name)
        tree = self._bare.edited(onto or head, edits)
        if not onto and tree == self._bare.tree(head):
            return head
        made = self._bare.commit(tree, (head, onto) if onto else (head,), message, self._bare.time(onto or head))
        if not self._bare.point(branch.name, made, head):
            raise Refused(f"the branch {branch.name} moved while we wrote to it", hint="Run it again.")
        return made

    def open(self, branch: Branch, title: str, body: str, labels: tuple[str, ...]) -> PullRequest:
        """Open a pull request for the branch, or adopt the open one and bring its text up to date."""
        with forge_ledger.locked(self.folder):
            ledger = self._ledger()
            found = [each for each in ledger.pulls if each.pull.branch == branch.name and each.pull.state == "open"]
            if found:
                changed = found[0].model_copy(update={"title": title, "body": body})
            else:
                pull = PullRequest(
                    number=ledger.free,
                    branch=branch.name,
                    base=branch.base,
                    head_sha=branch.head_sha,
                    labels=labels,
                    opened_at=self._clock.now(),
                    url=str(self.folder / forge_ledger.file_name(ledger.free)),
                )
                changed = LocalPull(pull=pull, title=title, body=body, base_sha=branch.base_sha)
            self._write(ledger.with_pull(changed))
        return self.pull_request(changed.pull.number)

    def ask(self, number: int, owners: tuple[str, ...]) -> None:
        """Do nothing: nobody is told of a folder."""

    def find(self, marker: str) -> tuple[PullRequest, ...]:
        """Return the pull requests, open or closed, that carry a marker, oldest first."""
        return tuple(self._current(each) for each in self._ledger().pulls if marker in each.body)

    def pull_request(self, number: int) -> PullRequest:
        """Return the pull request as it stands now; raises `Misconfigured` for an unknown number."""
        return self._current(self._pull(number))

    def approvals(self, number: int) -> tuple[Approval, ...]:
        """Return the approvals given by `approve`, each bound to the head of its time."""
        return self._pull(number).approvals

    def approve(self, name: str, user: str) -> PullRequest:
        """Approve the open pull request that `name` means, its head as it is now, and return it.

        `name` is its number, its branch, or a marker's first part (the fix or the cause); raises `Misconfigured`
        when it means none or several.
        """
        with forge_ledger.locked(self.folder):
            ledger = self._ledger()
            chosen = _meant(name, ledger)
            head = self._current(chosen).head_sha
            mine = Approval(user=user, sha=head, permission="admin")
            others = tuple(each for each in chosen.approvals if each.user != user)
            self._write(ledger.with_pull(chosen.model_copy(update={"approvals": (*others, mine)})))
        return self.pull_request(chosen.pull.number)

    def checks(self, sha: str) -> tuple[CheckState, ...]:
        """Return the checks of a commit: on a local forge, the proof's own runs."""
        return self._ledger().checks.get(sha, ())

    def report(self, sha: str, check: CheckState, summary: str) -> None:
        """Write our own check on a commit, or update it."""
        with forge_ledger.locked(self.folder):
            ledger = self._ledger()
            others = tuple(each for each in ledger.checks.get(sha, ()) if each.name != check.name)
            self._write(ledger.model_copy(update={"checks": {**ledger.checks, sha: (*others, check)}}))

    def required_checks(self, branch: str) -> tuple[str, ...]:
        """Return nothing: a folder protects no branch."""
        return ()

    def facts(self, facts: PullRequestFacts) -> PullRequestFacts:
        """Return the facts completed with counts, owners, approvals and checks."""
        pulls, now = self._ledger().pulls, self._clock.now()
        owners = self._owners(facts.patch.files)
        more = {
            "owners_by_path": owners,
            "owners": tuple(sorted({owner for each in owners.values() for owner in each})),
            "open_count": sum(each.pull.state == "open" for each in pulls),
            "opened_last_day": sum(now - each.pull.opened_at < DAY for each in pulls),
            "opened_last_hour": sum(now - each.pull.opened_at < HOUR for each in pulls),
            "now": now,
        }
        if facts.pull_request is not None:
            pull = self.pull_request(facts.pull_request.number)
            more |= {"pull_request": pull, "labels": pull.labels, "approvals": self.approvals(pull.number)}
            more |= {"checks": self.checks(pull.head_sha), "base_touched": self._base_touched(pull, facts.patch.files)}
        return facts.model_copy(update=more)

    def _base_touched(self, pull: PullRequest, files: tuple[str, ...]) -> tuple[str, ...]:
        base = self._head(pull.base)
        fork = self._bare.git("merge-base", base, pull.head_sha)
        return tuple(sorted(set(self._bare.changed(fork, base)) & set(files))) if pull.state == "open" else ()

    def comment(self, number: int, marker: str, body: str) -> None:
        """Write the one comment that carries `marker`, or edit it."""
        with forge_ledger.locked(self.folder):
            chosen = self._pull(number)
            comments = {**chosen.comments, marker: body}
            self._write(self._ledger().with_pull(chosen.model_copy(update={"comments": comments})))

    def offer(self, marker: str, title: str, body: str) -> str:
        """Write a file like that of a pull request, with the text alone, or edit it; return its path."""
        with forge_ledger.locked(self.folder):
            ledger = self._ledger()
            known = ledger.offers.get(marker)
            made = LocalOffer(number=known.number if known else ledger.free, title=title, body=body)
            self._write(ledger.model_copy(update={"offers": {**ledger.offers, marker: made}}))
        return str(self.folder / forge_ledger.file_name(made.number))

    def merge(self, number: int, sha: str, method: str, *, delete_branch: bool = True) -> Merge:
        """Merge if the head is still `sha`; says why not otherwise. A merge that was made already is adopted."""
        with forge_ledger.locked(self.folder):
            chosen = self._pull(number)
            pull = self._current(chosen)
            if chosen.merge is not None:
                return chosen.merge
            if pull.state != "open" or pull.head_sha != sha:
                reason = f"it is {pull.state}" if pull.state != "open" else "its head has changed"
                return Merge(merged=False, method=method, reason=reason)
            merge = self._merged(chosen, pull, method)
            if merge.merged and delete_branch:
                self._bare.remove(pull.branch, sha)
            return merge

    def withdraw(self, number: int) -> None:
        """Do nothing: a folder merges only when it is told to."""

    def deploy(self, sha: str, environment: str, kind: str, workflow: str) -> Rollout:
        """Return that nothing is deployed: a folder has no production."""
        return Rollout(reason="a local forge deploys nothing")

    def rollout(self, rollout: Rollout) -> Rollout:
        """Return the deployment as it stands: unchanged, as there is none."""
        return rollout

    def revert(self, merge: Merge, title: str, body: str) -> PullRequest:
        """Open a pull request that takes our own merge back, or adopt it; raises `Refused` when that conflicts."""
        base, name = self.base(), f"revert/{merge.sha[:12]}"
        branch = self.branch(name, base)
        if branch.head_sha == branch.base_sha:
            parent = self._bare.git("rev-parse", "--verify", f"{merge.sha}^1")
            undone = self._bare.commit(self._bare.tree(parent), (merge.sha,), title, self._bare.time(merge.sha))
            tree = self._bare.picked(branch.head_sha, undone, merge.sha)
            if tree is None:
                raise Refused(f"{merge.sha[:12]} can't be taken back: later commits build on it")
            at = self._bare.time(branch.head_sha)
            made = self._bare.commit(tree, (branch.head_sha,), title, at)
            self._bare.point(name, made, branch.head_sha)
            branch = branch.model_copy(update={"head_sha": made})
        return self.open(branch, title, body, ("self-healing", "revert"))

    def _ledger(self) -> Ledger:
        found = forge_ledger.read(self.folder)
        if found is None:
            hint = "It is the folder that `selfheal heal PATH --deliver DIR` wrote."
            raise Misconfigured(f"there is no local forge in {self.folder}", hint=hint)
        return found

    def _write(self, ledger: Ledger) -> None:
        pulls = tuple(each.model_copy(update={"pull": self._current(each)}) for each in ledger.pulls)
        forge_ledger.write(self.folder, ledger.model_copy(update={"pulls": pulls}))

    def _pull(self, number: int) -> LocalPull:
        for each in self._ledger().pulls:
            if each.pull.number == number:
                return each
        raise Misconfigured(f"there is no pull request {number} in {self.folder}")

    def _head(self, branch: str) -> str:
        head = self._bare.head(branch)
        if head is None:
            raise Misconfigured(f"the branch {branch} is not in {self.folder}")
        return head

    def _current(self, each: LocalPull) -> PullRequest:
        head, base = self._bare.head(each.pull.branch), self._bare.head(each.pull.base)
        if each.pull.state != "open" or base is None:
            return each.pull
        if head is None:
            return each.pull.model_copy(update={"state": "closed", "closed_by_person": True, "mergeable": None})
        strangers = any(address != EMAIL for _, address in self._bare.between(base, head))
        mergeable = self._bare.merged(base, head) is not None
        return each.pull.model_copy(update={"head_sha": head, "mergeable": mergeable, "taken_over": strangers})

    def _merged(self, chosen: LocalPull, pull: PullRequest, method: str) -> Merge:
        base = self._head(pull.base)
        made = self._merge_commit(base, pull, method, chosen.title)
        if made is None or not self._bare.point(pull.base, made, base):
            why = f"it conflicts with {pull.base}" if made is None else f"{pull.base} moved meanwhile"
            return Merge(merged=False, method=method, reason=why)
        merge = Merge(merged=True, sha=made, method=method, at=self._clock.now())
        ledger = self._ledger()
        done = chosen.model_copy(update={"merge": merge, "pull": pull.model_copy(update={"state": "merged"})})
        checks = dict(ledger.checks)
        if self._bare.tree(made) == self._bare.tree(pull.head_sha):
            # What is on the base branch now is, byte for byte, what was proven.
            checks[made] = checks.get(pull.head_sha, ())
        forge_ledger.write(self.folder, ledger.model_copy(update={"checks": checks}).with_pull(done))
        return merge

    def _merge_commit(self, base: str, pull: PullRequest, method: str, title: str) -> str | None:
        at, message = self._bare.time(pull.head_sha), f"{title} (#{pull.number})\n"
        if method == "rebase":
            return self._rebased(base, pull.head_sha)
        tree = self._bare.merged(base, pull.head_sha)
        if tree is None:
            return None
        parents = (base, pull.head_sha) if method == "merge" else (base,)
        return self._bare.commit(tree, parents, message, at)

    def _rebased(self, base: str, head: str) -> str | None:
        fork = self._bare.git("merge-base", base, head)
        onto, parent = base, fork
        for commit, _ in self._bare.between(fork, head):
            tree = self._bare.picked(onto, commit, parent)
            if tree is None:
                return None
            message = self._bare.git("show", "-s", "--format=%B", commit)
            onto = self._bare.commit(tree, (onto,), message, self._bare.time(commit))
            parent = commit
        return onto

    def _owners(self, files: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        head = self._head(self.base())
        for place in codeowners.PLACES:
            text = self._bare.text(head, place)
            if text is not None:
                return codeowners.owners(text, files)
        return {}


def _meant(name: str, ledger: Ledger) -> LocalPull:
    wanted = name.strip().lstrip("#")
    open_ = [each for each in ledger.pulls if each.pull.state == "open"]
    found = [each for each in open_ if wanted in (str(each.pull.number), each.pull.branch)]
    if not found and len(wanted) >= FINGERPRINT:
        names = (wanted, cause_of(wanted))
        found = [each for each in open_ if any(name in line for line in _marks(each.body) for name in names)]
    if len(found) == 1:
        return found[0]
    there = ", ".join(f"{each.pull.number} ({each.pull.branch})" for each in open_) or "none"
    what = "several pull requests are" if found else "no open pull request is"
    raise Misconfigured(f"{what} meant by {name!r}", hint=f"Open pull requests: {there}.")


def _marks(body: str) -> list[str]:
    return [line for line in body.splitlines() if line.startswith("<!-- selfheal:")]
