"""Reads a git checkout through the `git` program and never writes it, not even its index.

The repository's own configuration is a stranger's: hooks, filters, file system monitors, external diffs, lazy fetches
and every transport are off, objects are read as they are stored.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path, PurePosixPath

from bot.codebase import changes
from bot.codebase.texts import may_be_text, text_of
from bot.errors import Misconfigured, Transient

_SAFE = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.untrackedCache=false",
    "core.attributesFile=/dev/null",
    "protocol.allow=never",
    "protocol.file.allow=never",
    "submodule.recurse=false",
    "gc.auto=0",
)
_KEPT = ("PATH", "HOME", "XDG_CONFIG_HOME", "SYSTEMROOT", "TMPDIR")
_BATCH = 2_000
_LINK, _SUBMODULE = "120000", "160000"


def _environment() -> dict[str, str]:
    """Return what git may see of our environment: a caller's GIT_DIR must not lead it elsewhere."""
    kept = {key: os.environ[key] for key in _KEPT if key in os.environ}
    return kept | {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_ASKPASS": "/bin/false",
        "LC_ALL": "C",
    }


def _command(path: Path, *arguments: str) -> list[str]:
    options = [part for option in _SAFE for part in ("-c", option)]
    return ["git", "-C", str(path), "--no-pager", *options, *arguments]


def _git(path: Path, *arguments: str, feed: bytes = b"") -> bytes:
    """Return what a git command prints; raises `Misconfigured` with git's own words when it fails."""
    try:
        done = subprocess.run(
            _command(path, *arguments), env=_environment(), input=feed, capture_output=True, check=False
        )
    except FileNotFoundError as error:
        raise Misconfigured("the program git is not installed", hint="Install git and start again.") from error
    if done.returncode:
        words = done.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ")
        raise Misconfigured(f"git {arguments[0]} failed in {path}: {words}")
    return done.stdout


class GitSource:
    """The `Source` port on a git checkout on this machine."""

    def top(self, path: Path) -> Path:
        """Return the top level of the checkout that holds `path`; raises `Misconfigured` when there is none."""
        hint = "Give the path of a git checkout with a working tree, or of a folder in one."
        if not path.exists():
            raise Misconfigured(f"{path} does not exist", hint=hint)
        folder = path if path.is_dir() else path.parent
        try:
            found = _git(folder, "rev-parse", "--show-toplevel").rstrip(b"\n")
        except Misconfigured as error:
            if "not installed" in str(error):
                raise
            reason = str(error).partition(": ")[2]
            raise Misconfigured(f"{path} is not in a git checkout: {reason}", hint=hint) from error
        return Path(os.fsdecode(found))

    def copy(self, path: Path, target: Path) -> None:
        """Copy the working tree as found, without ignored files, to the empty folder `target`.

        Symlinks that lead out of the tree are left out, as are untracked virtual environments; submodules and nested
        repositories are copied as they stand.
        """
        tracked = _listed(path, "--cached")
        untracked = _listed(path, "--others", "--exclude-standard")
        made = tuple(name.removesuffix("pyvenv.cfg") for name in untracked if name.endswith("/pyvenv.cfg"))
        top = Path(os.path.realpath(path))
        for name in sorted({*tracked, *(name for name in untracked if not name.startswith(made))}):
            self._copy_entry(top, name.rstrip("/"), target)

    def shadow(self, path: Path, target: Path) -> None:
        """Make `target` a checkout of its own: the objects are borrowed, the working tree is copied as found."""
        target.mkdir(parents=True, exist_ok=True)
        _git(target, "init", "--quiet", "--template=", "--initial-branch=main")
        head = self.head(path)
        if head:
            objects = os.fsdecode(
                _git(path, "rev-parse", "--path-format=absolute", "--git-path", "objects").rstrip(b"\n")
            )
            lent = target / ".git" / "objects" / "info" / "alternates"
            lent.parent.mkdir(parents=True, exist_ok=True)
            lent.write_bytes(os.fsencode(objects) + b"\n")
            _git(target, "update-ref", "HEAD", head)
            _git(target, "read-tree", "HEAD")
        self.copy(path, target)

    def _copy_entry(self, top: Path, name: str, target: Path) -> None:
        origin, copied = top / name, target / name
        try:
            mode = origin.lstat().st_mode
        except OSError:
            return
        if not _inside(Path(os.path.realpath(origin.parent)), top):
            return
        copied.parent.mkdir(parents=True, exist_ok=True)
        if stat.S_ISLNK(mode):
            if _inside(Path(os.path.realpath(origin)), top):
                copied.symlink_to(os.readlink(origin))
        elif stat.S_ISDIR(mode):
            copied.mkdir(exist_ok=True)
            if (origin / ".git").exists():
                self.copy(origin, copied)
        elif stat.S_ISREG(mode):
            _copy_file(origin, copied)

    def at(self, path: Path, ref: str) -> Mapping[str, str]:
        """Return the text files of commit `ref` by path; raises `Misconfigured` for an unknown ref."""
        blobs = ((name, data) for mode, name, data in _blobs(path, ref) if mode != _LINK)
        texts = ((name, text_of(data)) for name, data in blobs if may_be_text(name, len(data)))
        return {name: text for name, text in texts if text is not None}

    def extract(self, path: Path, ref: str, target: Path) -> None:
        """Write all files of commit `ref` to the empty folder `target`; raises `Misconfigured` for an unknown ref."""
        links = []
        for mode, name, data in _blobs(path, ref):
            if mode == _LINK:
                links.append((target / name, os.fsdecode(data)))
                continue
            file = target / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
            file.chmod(0o755 if mode == "100755" else 0o644)
        # Links come last, so that no file is written through one.
        for link, aim in links:
            if _inside(Path(os.path.normpath(link.parent / aim)), target):
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(aim)

    def ancestors(self, path: Path, count: int) -> tuple[str, ...]:
        """Return up to `count` first-parent commit ids, HEAD first; none in a repository without a commit."""
        if not self.head(path):
            return ()
        listed = _git(path, "rev-list", "--first-parent", f"--max-count={count}", "HEAD")
        return tuple(listed.decode("ascii").split())

    def head(self, path: Path) -> str:
        """Return HEAD's commit id, or an empty text when there is no commit."""
        try:
            return _commit(path, "HEAD")
        except Misconfigured:
            return ""

    def diff(self, before: Mapping[str, str | None], after: Mapping[str, str | None]) -> str:
        """Return a `git apply -p1` diff between two sets of files (None = absent)."""
        return changes.diff(before, after)


def _listed(path: Path, *which: str) -> tuple[str, ...]:
    listed = _git(path, "ls-files", "-z", *which, "--full-name", ":/")
    return tuple(os.fsdecode(name) for name in listed.split(b"\0") if name)


def _inside(path: Path, folder: Path) -> bool:
    return path == folder or folder in path.parents


def _copy_file(origin: Path, copied: Path) -> None:
    try:
        shutil.copyfile(origin, copied)
        shutil.copymode(origin, copied)
    except PermissionError as error:
        hint = "Make it readable, remove it, or list it in .gitignore."
        raise Misconfigured(f"cannot read {origin}", hint=hint) from error
    except FileNotFoundError:
        # Something removed it between listing and copying: then it is not part of what was found.
        copied.unlink(missing_ok=True)


def _commit(path: Path, ref: str) -> str:
    """Return the full id of the commit that `ref` names; raises `Misconfigured` when it names none."""
    try:
        found = _git(path, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    except Misconfigured as error:
        hint = "Give a branch, a tag or a commit id that the checkout has."
        raise Misconfigured(f"there is no commit {ref!r} in {path}", hint=hint) from error
    return found.decode("ascii").split()[-1]


def _blobs(path: Path, ref: str) -> Iterator[tuple[str, str, bytes]]:
    """Yield (mode, path, content) of every file of a commit, read without any filter; submodules are left out."""
    listed = _git(path, "ls-tree", "-r", "-z", "--full-tree", _commit(path, ref))
    rows = [row.partition(b"\t") for row in listed.split(b"\0") if row]
    entries = [(os.fsdecode(name), *meta.decode("ascii").split()) for meta, _, name in rows]
    wanted = [(name, mode, blob) for name, mode, _, blob in entries if mode != _SUBMODULE and _plain(name)]
    for (name, mode, _), data in zip(wanted, _contents(path, [blob for _, _, blob in wanted]), strict=True):
        yield mode, name, data


def _plain(name: str) -> bool:
    """A tree object may hold any name; those that would leave the folder or reach its .git are not ours to write."""
    parts = PurePosixPath(name).parts
    return not name.startswith("/") and ".." not in parts and not any(part.lower() == ".git" for part in parts)


def _contents(path: Path, blobs: list[str]) -> Iterator[bytes]:
    for start in range(0, len(blobs), _BATCH):
        batch = blobs[start : start + _BATCH]
        asked = "".join(f"{blob}\n" for blob in batch).encode("ascii")
        with BytesIO(_git(path, "cat-file", "--batch", "--buffer", feed=asked)) as answer:
            yield from (_object(answer, blob) for blob in batch)


def _object(answer: BytesIO, blob: str) -> bytes:
    words = answer.readline().split()
    if len(words) != 3:
        raise Transient(f"git has no object {blob}", hint="Fetch the whole commit: git fetch --refetch.")
    data = answer.read(int(words[2]))
    answer.read(1)
    return data
