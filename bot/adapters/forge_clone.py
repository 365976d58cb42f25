"""Makes a bare clone of a checkout as it is found, uncommitted work included, and brings it up to date later.

The checkout is only read: its objects are fetched, and its working tree is added to an index of our own.
"""

from __future__ import annotations

from pathlib import Path

from bot.adapters.bare import Bare, GitFailed
from bot.errors import Misconfigured
from bot.scratch import scratch

MAIN = "main"


def bring_up(bare: Bare, checkout: Path, base: str = "") -> str:
    """Bring the base branch up to the checkout as found and return the branch's name; no name = the first time.

    Raises `Misconfigured` when the checkout can't be cloned, or when the clone holds merges that it does not have.
    """
    try:
        name = base or _base_name(bare, checkout)
        _fetch(bare, checkout, everything=not base)
        wanted, here = _snapshot(bare, checkout), bare.head(name)
        if not base:
            bare.git("symbolic-ref", "HEAD", f"refs/heads/{name}")
    except GitFailed as error:
        raise Misconfigured(f"{checkout} can't be cloned: {error}") from None
    # The same files need nothing, though the checkout may hold as uncommitted work what is merged here.
    if here is not None and (bare.within(wanted, here) or bare.tree(wanted) == bare.tree(here)):
        return name
    if here is not None and not bare.within(here, wanted):
        hint = f"Bring them over with `git pull {bare.folder} {name}`, or give --deliver another folder."
        raise Misconfigured(f"{bare.folder} holds merges that {checkout} does not have", hint=hint)
    bare.point(name, wanted, here)
    return name


def _base_name(bare: Bare, checkout: Path) -> str:
    """Return the branch that is checked out, or `main` when HEAD is detached."""
    for line in bare.git("ls-remote", "--symref", str(checkout), "HEAD").splitlines():
        if line.startswith("ref: refs/heads/"):
            return line.removeprefix("ref: refs/heads/").partition("\t")[0]
    return MAIN


def _fetch(bare: Bare, checkout: Path, *, everything: bool) -> None:
    options = ("--quiet", "--no-tags", "--update-shallow", "--update-head-ok", "--no-auto-gc")
    if everything:
        bare.git("fetch", *options, str(checkout), "refs/heads/*:refs/heads/*")
    if bare.git("ls-remote", str(checkout), "HEAD"):
        bare.git("fetch", *options, str(checkout), "HEAD")


def _snapshot(bare: Bare, checkout: Path) -> str:
    """Return a commit of the working tree as found: HEAD itself when nothing differs from it."""
    try:
        head = bare.git("rev-parse", "--verify", "--quiet", "FETCH_HEAD^{commit}")
    except GitFailed:
        head = ""
    tree = _tree(bare, checkout, head)
    if head and bare.tree(head) == tree:
        return head
    return bare.commit(tree, (head,) if head else (), "The working tree as found\n", bare.time(head) if head else 0)


def _tree(bare: Bare, checkout: Path, head: str) -> str:
    _same_ignores(bare, checkout)
    outside = [f":(exclude,literal){bare.folder}"] if checkout in bare.folder.parents else []
    with scratch() as folder:
        env = {"GIT_INDEX_FILE": str(folder / "index"), "GIT_WORK_TREE": str(checkout)}
        # Files that are committed stay tracked even when an ignore pattern covers them.
        bare.git(*(("read-tree", head) if head else ("read-tree", "--empty")), env=env)
        bare.git("add", "--all", "--", f":(literal){checkout}", *outside, env=env)
        return bare.git("write-tree", env=env)


def _same_ignores(bare: Bare, checkout: Path) -> None:
    theirs, ours = checkout / ".git" / "info" / "exclude", bare.folder / "info" / "exclude"
    if theirs.is_file():
        ours.parent.mkdir(exist_ok=True)
        ours.write_bytes(theirs.read_bytes())
