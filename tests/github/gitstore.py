"""One bare repository and what git knows of it; every object is git's own."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PEOPLE = "users.noreply.github.com"
READING = frozenset(
    {"cat-file", "diff", "diff-tree", "ls-tree", "merge-base", "merge-tree", "rev-list", "rev-parse", "show"}
)
FIXED = re.compile(r"-.*|blob|[0-9a-f]{40}(?:\.\.[0-9a-f]{40}|:.*)?")
"""Arguments whose meaning never changes: options, and objects by their full name."""


class GitFailed(Exception):
    """git said no."""


class GitStore:
    """A bare repository."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known: dict[tuple[str, ...], bytes | GitFailed] = {}
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "--bare", "-b", "main")
        self.git("config", "http.receivepack", "true")
        self.git("config", "uploadpack.allowAnySHA1InWant", "true")

    def git(self, *arguments: str, feed: bytes = b"", env: Mapping[str, str] | None = None) -> str:
        """Return what a git command prints; raises `GitFailed`."""
        return self.raw(*arguments, feed=feed, env=env).decode("utf-8", "surrogateescape").rstrip("\n")

    def raw(self, *arguments: str, feed: bytes = b"", env: Mapping[str, str] | None = None) -> bytes:
        """Return the bytes that a git command prints; raises `GitFailed`. What can't change is asked for once."""
        lasting = arguments[0] in READING and all(map(FIXED.fullmatch, arguments[1:]))
        found = self.known.get(arguments) if lasting else None
        if found is None:
            found = self.run(arguments, feed, env or {})
            # An object that is not there may come yet; two that are there have one answer, and so has a path in one.
            within = [one.partition(":")[0] for one in arguments if ":" in one]
            if lasting and (
                isinstance(found, bytes) or arguments[0].startswith("merge-") or any(map(self.exists, within))
            ):
                self.known[arguments] = found
        if isinstance(found, GitFailed):
            raise found
        return found

    def run(self, arguments: tuple[str, ...], feed: bytes, env: Mapping[str, str]) -> bytes | GitFailed:
        """Return the bytes that a git command prints, or how it failed."""
        done = subprocess.run(
            ["git", f"--git-dir={self.folder}", *arguments],
            input=feed,
            capture_output=True,
            check=False,
            env={**os.environ, **env},
        )
        return GitFailed(done.stderr.decode()) if done.returncode else done.stdout

    def head(self, branch: str) -> str | None:
        """Return the commit of a branch, or None."""
        loose = self.folder / "refs" / "heads" / branch
        if loose.is_file():
            return loose.read_text(encoding="ascii").strip()
        try:
            return self.git("rev-parse", "--verify", "-q", f"refs/heads/{branch}")
        except GitFailed:
            return None

    def exists(self, name: str) -> bool:
        """Return whether git knows an object."""
        try:
            self.git("cat-file", "-e", name)
        except GitFailed:
            return False
        return True

    def blob(self, data: bytes) -> str:
        """Write a blob."""
        return self.git("hash-object", "-w", "--stdin", feed=data)

    def tree(self, base: str | None, entries: list[dict[str, Any]]) -> str:
        """Write a tree: a base with entries put over it; a null sha removes."""
        index = self.folder / f"index-{os.getpid()}-{id(entries)}"
        env = {"GIT_INDEX_FILE": str(index)}
        try:
            if base:
                self.git("read-tree", base, env=env)
            for one in entries:
                if one.get("sha") is None and "content" not in one:
                    if not self.git("ls-files", one["path"], env=env):
                        raise GitFailed("GitRPC::BadObjectState")
                    self.git("update-index", "--index-info", feed=f"0 {'0' * 40}\t{one['path']}\n".encode(), env=env)
                    continue
                sha = one.get("sha") or self.blob(one["content"].encode())
                self.git("update-index", "--add", "--cacheinfo", f"{one['mode']},{sha},{one['path']}", env=env)
            return self.git("write-tree", env=env)
        finally:
            index.unlink(missing_ok=True)

    def commit(self, tree: str, parents: list[str], message: str, login: str) -> str:
        """Write a commit as a person or App."""
        who = {"NAME": login, "EMAIL": f"{login}@{PEOPLE}"}
        env = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in who.items()}
        more = [part for parent in parents for part in ("-p", parent)]
        return self.git("commit-tree", tree, *more, feed=message.encode(), env=env)

    def point(self, branch: str, sha: str) -> None:
        """Let a branch point at a commit."""
        self.git("update-ref", f"refs/heads/{branch}", sha)

    def merge_tree(self, base: str, head: str) -> str | None:
        """Return the tree of a merge, or None when it conflicts."""
        try:
            return self.git("merge-tree", "--write-tree", base, head).splitlines()[0]
        except GitFailed:
            return None

    def ancestor(self, old: str, new: str) -> bool:
        """Return whether `new` builds on `old`."""
        try:
            self.git("merge-base", "--is-ancestor", old, new)
        except GitFailed:
            return False
        return True

    def checkout(self, sha: str, folder: Path) -> None:
        """Write the files of a commit into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        archive = self.raw("archive", "--format=tar", sha)
        subprocess.run(["tar", "-x", "-C", str(folder)], input=archive, check=True)

    def login_of(self, sha: str) -> str:
        """Return who made a commit."""
        return self.git("show", "-s", "--format=%an", sha)
