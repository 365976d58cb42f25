"""What a local forge remembers beside its repository, and the `pull-request.md` that people read."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import Field

from bot.model import Approval, CheckState, Merge, PullRequest, Value

FILE = "forge.json"


class LocalPull(Value):
    """One pull request of a local forge, with everything said on it."""

    pull: PullRequest
    title: str
    body: str
    base_sha: str
    comments: dict[str, str] = Field(default_factory=dict)
    approvals: tuple[Approval, ...] = ()
    merge: Merge | None = None


class LocalOffer(Value):
    """A patch that is only offered, for a person to apply."""

    number: int
    title: str
    body: str


class Ledger(Value):
    """All pull requests, checks and offers (by marker) of a local forge; `base` is the name of the base branch."""

    base: str
    pulls: tuple[LocalPull, ...] = ()
    checks: dict[str, tuple[CheckState, ...]] = Field(default_factory=dict)
    offers: dict[str, LocalOffer] = Field(default_factory=dict)

    @property
    def free(self) -> int:
        """Return the number of the next pull request or offer."""
        return len(self.pulls) + len(self.offers) + 1

    def with_pull(self, changed: LocalPull) -> Ledger:
        """Return the ledger with one pull request replaced or added."""
        number = changed.pull.number
        known = any(each.pull.number == number for each in self.pulls)
        pulls = tuple(changed if each.pull.number == number else each for each in self.pulls)
        return self.model_copy(update={"pulls": pulls if known else (*pulls, changed)})


def read(folder: Path) -> Ledger | None:
    """Return the ledger in a folder, or None when there is none."""
    path = folder / FILE
    return Ledger.model_validate_json(path.read_text("utf-8")) if path.is_file() else None


def write(folder: Path, ledger: Ledger) -> None:
    """Write the ledger and the pull requests' files, each at once and whole."""
    _replace(folder / FILE, ledger.model_dump_json(indent=1))
    for each in ledger.pulls:
        _replace(folder / file_name(each.pull.number), rendered(each, ledger))
    for offer in ledger.offers.values():
        _replace(folder / file_name(offer.number), f"# {offer.title}\n\n{offer.body}\n")


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder for oneself, so that two commands do not write at once."""
    with (folder / "forge.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def file_name(number: int) -> str:
    """Return the name of a pull request's file: `pull-request.md` for the first, then numbered."""
    return "pull-request.md" if number == 1 else f"pull-request-{number}.md"


def rendered(each: LocalPull, ledger: Ledger) -> str:
    """Return a pull request as Markdown, its state as front matter."""
    pull = each.pull
    front = {
        "number": pull.number,
        "title": each.title,
        "state": pull.state,
        "branch": pull.branch,
        "base": pull.base,
        "head_sha": pull.head_sha,
        "labels": list(pull.labels),
        "approvals": [f"{approval.user} at {approval.sha}" for approval in each.approvals],
        "checks": {check.name: check.conclusion or check.status for check in ledger.checks.get(pull.head_sha, ())},
        "merged_as": each.merge.sha if each.merge else "",
    }
    head = "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in front.items())
    said = "".join(f"\n---\n\n{comment}\n" for comment in each.comments.values())
    return f"---\n{head}---\n\n# {each.title}\n\n{each.body}\n{said}"


def _replace(path: Path, text: str) -> None:
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("w", encoding="utf-8", errors="replace") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
