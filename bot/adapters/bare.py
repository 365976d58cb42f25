"""A bare git repository of our own, written through plumbing: no work tree, no hooks, no filters, never forced.

Commits are deterministic: the same parent, edits and message give the same commit id on every machine.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from bot.errors import Misconfigured, Refused
from bot.model import FileEdit
from bot.scratch import scratch

NAME, EMAIL = "selfheal[bot]", "selfheal[bot]@users.noreply.github.com"
SAFE = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.attributesFile=/dev/null",
    "core.autocrlf=false",
    "core.quotePath=false",
    "commit.gpgSign=false",
    "protocol.allow=never",
    "protocol.file.allow=always",
    "gc.auto=0",
)
KEPT = ("PATH", "HOME", "TMPDIR", "SYSTEMROOT")
REGULAR, EXECUTABLE = "100644", "100755"


class GitFailed(Exception):
    """A git command that failed, with its exit code, its own words, and what it printed before."""

    def __init__(self, code: int, words: str, output: bytes) -> None:
        super().__init__(words)
        self.code = code
        self.output = output


class Bare:
    """One bare repository in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def git(self, *arguments: str, feed: bytes = b"", env: Mapping[str, str] | None = None) -> str:
        """Return what a git command prints as text, without the last line end; raises `GitFailed`."""
        return self.out(*arguments, feed=feed, env=env).decode("utf-8", _ESCAPE).rstrip("\n")

    def out(self, *arguments: str, feed: bytes = b"", env: Mapping[str, str] | None = None) -> bytes:
        """Return what a git command prints; raises `GitFailed` with git's own words."""
        options = [part for option in SAFE for part in ("-c", option)]
        command = ["git", f"--git-dir={self.folder}", "--no-pager", *options, *arguments]
        kept = {key: os.environ[key] for key in KEPT if key in os.environ}
        quiet = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_REPLACE_OBJECTS": "1", "LC_ALL": "C"}
        try:
            done = subprocess.run(
                command, input=feed, capture_output=True, check=False, env={**kept, **quiet, **(env or {})}
            )
        except FileNotFoundError:
            raise Misconfigured("the program git is not installed", hint="Install git and start again.") from None
        if done.returncode:
            raise GitFailed(done.returncode, done.stderr.decode("utf-8", "replace").strip(), done.stdout)
        return done.stdout

    def create(self) -> None:
        """Make the repository where there is none yet."""
        if not (self.folder / "HEAD").is_file():
            self.folder.mkdir(parents=True, exist_ok=True)
            self.git("init", "--quiet", "--bare", "--template=", str(self.folder))

    def head(self, branch: str) -> str | None:
        """Return the commit a branch points at, or None."""
        try:
            return self.git("rev-parse", "--verify", "--quiet", "--end-of-options", f"refs/heads/{branch}^{{commit}}")
        except GitFailed:
            return None

    def point(self, branch: str, new: str, old: str | None) -> bool:
        """Move a branch from `old` (None: it must not exist) to `new`; return False when it was elsewhere."""
        try:
            self.git("update-ref", f"refs/heads/{branch}", new, old or "0" * len(new))
        except GitFailed:
            return False
        return True

    def remove(self, branch: str, old: str) -> bool:
        """Delete a branch that still points at `old`; return False when it does not."""
        try:
            self.git("update-ref", "-d", f"refs/heads/{branch}", old)
        except GitFailed:
            return False
        return True

    def tree(self, commit: str) -> str:
        """Return the id of a commit's tree."""
        return self.git("rev-parse", "--verify", f"{commit}^{{tree}}")

    def time(self, commit: str) -> int:
        """Return the commit time in seconds since 1970."""
        return int(self.git("show", "-s", "--format=%ct", commit))

    def within(self, ancestor: str, commit: str) -> bool:
        """Return whether `ancestor` is `commit` or one of its ancestors."""
        try:
            self.git("merge-base", "--is-ancestor", ancestor, commit)
        except GitFailed:
            return False
        return True

    def between(self, base: str, head: str) -> tuple[tuple[str, str], ...]:
        """Return (commit, committer's address) of the commits in `head` that `base` lacks, oldest first."""
        listed = self.git("log", "--reverse", "--format=%H %ce", f"{base}..{head}")
        return tuple((line.partition(" ")[0], line.partition(" ")[2]) for line in listed.splitlines())

    def text(self, commit: str, path: str) -> str | None:
        """Return a file of a commit as text, its line ends as they are, or None when it is not there."""
        try:
            return self.out("cat-file", "blob", f"{commit}:{path}").decode("utf-8", _ESCAPE)
        except GitFailed:
            return None

    def changed(self, before: str, after: str) -> tuple[str, ...]:
        """Return the paths in which two commits differ."""
        listed = self.git("diff-tree", "-r", "-z", "--name-only", "--no-renames", before, after)
        return tuple(path for path in listed.split("\0") if path)

    def edited(self, commit: str, edits: Iterable[FileEdit]) -> str:
        """Return the tree that the edits make of a commit's tree; file modes stay as they are.

        Raises `Refused` for a path outside the repository, inside `.git`, or that is a link or a submodule.
        """
        with scratch() as folder:
            env = {"GIT_INDEX_FILE": str(folder / "index")}
            self.git("read-tree", commit, env=env)
            lines = [self._entry(commit, edit) for edit in edits]
            self.git("update-index", "-z", "--index-info", feed="".join(lines).encode("utf-8", _ESCAPE), env=env)
            return self.git("write-tree", env=env)

    def _entry(self, commit: str, edit: FileEdit) -> str:
        check_path(edit.path)
        listed = self.git("ls-tree", "-z", commit, "--", f":(literal){edit.path}")
        mode = listed.partition(" ")[0] or REGULAR
        if mode not in (REGULAR, EXECUTABLE):
            raise Refused(f"{edit.path} is a link, a folder or a submodule, not a file", hint="Only files are edited.")
        if edit.text is None:
            return f"0 {'0' * 40}\t{edit.path}\0"
        blob = self.git("hash-object", "-w", "--stdin", feed=edit.text.encode("utf-8", _ESCAPE))
        return f"{mode} {blob}\t{edit.path}\0"

    def commit(self, tree: str, parents: tuple[str, ...], message: str, at: int) -> str:
        """Write a commit of ours at a time in seconds since 1970 and return its id."""
        stamp = f"@{at} +0000"
        env = {
            "GIT_AUTHOR_NAME": NAME,
            "GIT_AUTHOR_EMAIL": EMAIL,
            "GIT_AUTHOR_DATE": stamp,
            "GIT_COMMITTER_NAME": NAME,
            "GIT_COMMITTER_EMAIL": EMAIL,
            "GIT_COMMITTER_DATE": stamp,
        }
        options = [part for parent in parents for part in ("-p", parent)]
        return self.git("commit-tree", tree, *options, feed=message.encode("utf-8", _ESCAPE), env=env)

    def merged(self, ours: str, theirs: str) -> str | None:
        """Return the tree of a real three-way merge, or None when it conflicts."""
        try:
            return self.git("merge-tree", "--write-tree", "--no-messages", ours, theirs).splitlines()[0]
        except GitFailed as error:
            # A conflict prints the tree with its marks; what can't be merged at all prints none.
            if error.code == 1 and error.output:
                return None
            raise

    def picked(self, onto: str, commit: str, parent: str) -> str | None:
        """Return the tree of `onto` with what `commit` changed over `parent`, or None when that conflicts."""
        # A stand-in for `onto` whose parent is `parent` makes that the merge base.
        stand_in = self.commit(self.tree(onto), (parent,), "stand-in", 0)
        return self.merged(stand_in, commit)


_ESCAPE = "surrogateescape"


def check_path(path: str) -> None:
    """Raise `Refused` unless `path` names a file inside the repository and outside `.git`."""
    parts = PurePosixPath(path).parts
    bad = not parts or path.startswith("/") or ".." in parts or "\0" in path or "\\" in path
    if bad or any(part.lower().rstrip(" .") in (".git", "git~1") for part in parts):
        raise Refused(f"{path!r} is not a path inside the repository", hint="Paths are relative to its top.")
