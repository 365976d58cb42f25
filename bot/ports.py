"""What the stages need of the world, written by those who use it.

Only a parameter of one of these types lets a handler have effects; everything else is pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, TypeVar

from bot.model import (
    Answer,
    Approval,
    Branch,
    CheckState,
    FileEdit,
    Merge,
    PullRequest,
    PullRequestFacts,
    Question,
    Rollout,
    StrategyRecord,
    Value,
)

T = TypeVar("T", bound=Value)
SandboxLevel = Literal["bubblewrap", "bubblewrap-noproc", "landlock", "trusted", "none"]


@dataclass(frozen=True)
class Limits:
    """Bounds of one run in the sandbox: seconds, megabytes, counts."""

    seconds: float = 120.0
    memory_mb: int = 2048
    disk_mb: int = 512
    processes: int = 256
    output_bytes: int = 20_000_000


@dataclass(frozen=True)
class Job:
    """One command for the sandbox, run in a private copy of `tree`.

    `argv[0] == "python"` means the environment's interpreter; another bare name is looked up in the
    environment's `bin` first. `files` are put beside the tree, in the folder that the variable
    `SELFHEAL_BOX` names; a text `{box}` in `argv` becomes that folder. `collect` are glob patterns relative to
    the tree (or, with the prefix `box:`, to the box): what matches afterwards and is new or changed comes back.
    """

    argv: tuple[str, ...]
    tree: Path
    environment: Path | None = None
    cwd: str = "."
    env: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    collect: tuple[str, ...] = ()
    limits: Limits = Limits()


@dataclass(frozen=True)
class Done:
    """What a job did: `exit_code` is negative for a signal, `output` is stdout and stderr as they came.

    `stopped` names the limit that ended it (time, output, processes, memory, disk), or is empty.
    """

    exit_code: int
    seconds: float
    output: bytes
    level: SandboxLevel
    timed_out: bool = False
    truncated: bool = False
    files: Mapping[str, bytes] = field(default_factory=dict)
    stopped: str = ""


class Session(Protocol):
    """A job that is talked to line by line over its standard input and output."""

    def send(self, line: bytes) -> None:
        """Write one line (without its end) to the job."""

    def receive(self, timeout: float) -> bytes | None:
        """Return the job's next line, or None when it ended or `timeout` seconds passed."""


class Sandbox(Protocol):
    """Runs a stranger's code; the level is picked by a self-test and never silently lowered."""

    @property
    def level(self) -> SandboxLevel:
        """Return the level in force."""

    def run(self, job: Job) -> Done:
        """Run `job` to its end or limit; raises `Refused` at level `none`."""

    def session(self, job: Job) -> AbstractContextManager[Session]:
        """Start `job` and talk to it; it is killed with its whole tree on leaving."""


@dataclass(frozen=True)
class Environment:
    """A Python environment: its folder, how it was come by, its version, and what is installed in it.

    `withdrawn` gives the reason for each installed release that its index says was withdrawn ('' = none is given).
    """

    folder: Path
    how: str
    python: str
    packages: Mapping[str, str] = field(default_factory=dict)
    withdrawn: Mapping[str, str] = field(default_factory=dict)


class Environments(Protocol):
    """Finds or makes the environment of a project."""

    def prepare(
        self, tree: Path, needs: tuple[str, ...], *, original: Path | None = None, fresh: bool = False
    ) -> Environment:
        """Return an environment for `tree` that holds `needs`; raises `Declined` when it can't be had.

        With `fresh` it is made from the metadata in `tree` alone, and the user's own environments are not looked at.
        """


class Source(Protocol):
    """A git checkout, read and never written, and the trees made from it."""

    def top(self, path: Path) -> Path:
        """Return the top level of the checkout that holds `path`; raises `Misconfigured` when there is none."""

    def copy(self, path: Path, target: Path) -> None:
        """Copy the working tree as found, without ignored files, to the empty folder `target`."""

    def shadow(self, path: Path, target: Path) -> None:
        """Make `target` a checkout of its own with the same history and the working tree as found."""

    def at(self, path: Path, ref: str) -> Mapping[str, str]:
        """Return the text files of commit `ref` by path; raises `Misconfigured` for an unknown ref."""

    def extract(self, path: Path, ref: str, target: Path) -> None:
        """Write all files of commit `ref` to the empty folder `target`; raises `Misconfigured` for an unknown ref."""

    def ancestors(self, path: Path, count: int) -> tuple[str, ...]:
        """Return up to `count` first-parent commit ids, HEAD first."""

    def head(self, path: Path) -> str:
        """Return HEAD's commit id, or an empty text when there is no commit."""

    def diff(self, before: Mapping[str, str | None], after: Mapping[str, str | None]) -> str:
        """Return a `git apply -p1` diff between two sets of files (None = absent)."""


class Store(Protocol):
    """The journal: records by id, blobs by content, and what was learned."""

    def save(self, value: Value, *, kind: str, repository: str = "", key: str = "") -> str:
        """Write a record and return its id: the same content under the same kind has the same id."""

    def load(self, record_id: str, type_: type[T]) -> T:
        """Return the record; raises `Misconfigured` when there is none with that id."""

    def latest(self, type_: type[T], *, kind: str, repository: str = "", key: str = "") -> T | None:
        """Return the newest record of a kind for a repository and key, or None."""

    def history(
        self, type_: type[T], *, kind: str, repository: str = "", key: str = "", limit: int = 50
    ) -> tuple[T, ...]:
        """Return up to `limit` records, newest first."""

    def since(self, at: float, type_: type[T], *, kind: str, repository: str = "") -> tuple[T, ...]:
        """Return the records of a kind and repository, under any key, saved since `at` (UTC seconds), newest first."""

    def every(self, type_: type[T], *, kind: str, limit: int = 200) -> tuple[T, ...]:
        """Return up to `limit` records of a kind, of any repository and key, newest first."""

    def answered(self, sequence: str, request_id: str) -> str | None:
        """Return the record id that a request ended with, or None."""

    def answer(self, sequence: str, request_id: str, record_id: str) -> None:
        """Remember that a request ended with a record."""

    def keep(self, data: bytes) -> str:
        """Store content and return its reference (sha256)."""

    def fetch(self, ref: str) -> Path:
        """Return a file that holds the content; raises `Misconfigured` when it is not there."""

    def folder(self, key: str) -> Path:
        """Return a scratch folder of our own, the same for the same key; it may be empty again after a purge."""

    def credit(self, strategy: str, type_: str, repository: str, success: bool, *, once: str = "") -> StrategyRecord:
        """Count one outcome and return the new record; the outcome of the fix `once` is counted a single time."""

    def records(self, repository: str = "") -> tuple[StrategyRecord, ...]:
        """Return all strategy records of a repository, or of all."""


class Forge(Protocol):
    """Where branches, pull requests and merges live. Every write looks first and adopts what is there."""

    def base(self) -> str:
        """Return the name of the base branch."""

    def head_of(self, branch: str) -> str | None:
        """Return the commit a branch points at, or None when it does not exist."""

    def branch(self, name: str, base: str) -> Branch:
        """Create the branch at the head of `base`, or adopt it."""

    def text(self, path: str, ref: str) -> str | None:
        """Return a file's text at a branch or commit, or None when it is not there."""

    def commit(self, branch: Branch, edits: tuple[FileEdit, ...], message: str, *, onto: str = "") -> str:
        """Commit the edits on the branch, or adopt an equal commit; return the head.

        With `onto`, a commit that the branch lacks, the commit has two parents, the head and `onto`, and its tree is
        that of `onto` with the edits: the branch moves on to a new base without being forced.
        """

    def holds(self, edits: tuple[FileEdit, ...]) -> bool:
        """Return whether the base branch has all these edits already."""

    def open(self, branch: Branch, title: str, body: str, labels: tuple[str, ...]) -> PullRequest:
        """Open a pull request for the branch, or adopt the open one."""

    def ask(self, number: int, owners: tuple[str, ...]) -> None:
        """Ask code owners (`@user`, `@org/team`) for a review, once; whoever can't be asked is left out."""

    def find(self, marker: str) -> tuple[PullRequest, ...]:
        """Return the pull requests, open or closed, that carry a marker."""

    def pull_request(self, number: int) -> PullRequest:
        """Return the pull request as it stands now."""

    def approvals(self, number: int) -> tuple[Approval, ...]:
        """Return the reviews and approving comments that count, newest of each person."""

    def checks(self, sha: str) -> tuple[CheckState, ...]:
        """Return the check runs and statuses of a commit."""

    def report(self, sha: str, check: CheckState, summary: str) -> None:
        """Write our own check run on a commit, or update it; `summary` is Markdown."""

    def required_checks(self, branch: str) -> tuple[str, ...]:
        """Return the checks that protection or rulesets demand on a branch."""

    def facts(self, facts: PullRequestFacts) -> PullRequestFacts:
        """Return the facts completed with what only the forge knows (counts, owners, holds, labels)."""

    def comment(self, number: int, marker: str, body: str) -> None:
        """Write the one comment that carries `marker`, or edit it."""

    def offer(self, marker: str, title: str, body: str) -> str:
        """Say something where the failure was seen, and return where that is: an address or a file.

        That is the open pull request of the base branch, else an issue with this title; what carries `marker` already
        is edited.
        """

    def merge(self, number: int, sha: str, method: str, *, delete_branch: bool = True) -> Merge:
        """Merge if the head is still `sha`; says why not otherwise. A merge that was made already is adopted."""

    def withdraw(self, number: int) -> None:
        """Take back whatever would let the forge merge a pull request later without asking us again."""

    def deploy(self, sha: str, environment: str, kind: str, workflow: str) -> Rollout:
        """Ask for a deployment of a commit, or adopt the one there is."""

    def rollout(self, rollout: Rollout) -> Rollout:
        """Return the deployment as it stands now."""

    def revert(self, merge: Merge, title: str, body: str) -> PullRequest:
        """Open a pull request that reverts our own merge, or adopt it."""


class Writer(Protocol):
    """An optional language model; its proposals pass the same proof as any other."""

    def draft(self, question: str, untrusted: Mapping[str, str]) -> tuple[FileEdit, ...]:
        """Return edits for a question; untrusted text travels in delimited blocks only."""


class Clock(Protocol):
    """Time, so that tests need not wait."""

    def now(self) -> float:
        """Return UTC in seconds since 1970."""

    def monotonic(self) -> float:
        """Return seconds that never go back, for deadlines."""


class Codec(Protocol):
    """Turns a step's results into JSON text and back."""

    def dump(self, results: Mapping[str, object]) -> str:
        """Return the results as JSON text of at most 64 KB, larger values by reference."""

    def load(self, text: str) -> dict[str, object]:
        """Return the results again."""


class Workflows(Protocol):
    """Runs the steps of a sequence: at once, or durably so that a killed process resumes after the last one."""

    def step(self, name: str, work: Callable[[], dict[str, object]], codec: Codec) -> dict[str, object]:
        """Return what `work` returned, now or when the step ran before."""


class Progress(Protocol):
    """Where long work reports how far it is."""

    def say(self, text: str) -> None:
        """Tell one line of the story."""

    def advance(self, task: str, done: int, total: int | None = None) -> None:
        """Show that `done` of `total` of a task are through."""


class Advisor(Protocol):
    """A language model that may be asked last; off where none is configured."""

    @property
    def on(self) -> bool:
        """Return whether there is one to ask."""

    def ask(self, question: Question, text: str) -> Answer:
        """Return the answer to a question, spelt out in `text`; raises `Declined` when there is none."""


PORTS: frozenset[type] = frozenset(
    {Sandbox, Environments, Source, Store, Forge, Writer, Clock, Workflows, Progress, Advisor}
)


def port_names(types: Iterable[object]) -> tuple[str, ...]:
    """Return the names of the ports among `types`."""
    return tuple(sorted(t.__name__ for t in types if isinstance(t, type) and t in PORTS))
