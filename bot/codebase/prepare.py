"""Copies a checkout into a tree of our own, finds its checks and its environment; made once for each content."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from bot.codebase import held
from bot.codebase.generated import generated
from bot.codebase.metadata import name_of
from bot.codebase.texts import FolderTexts
from bot.errors import Declined
from bot.model import Check, CodebaseInfo, Failure, fingerprint
from bot.ports import Environment, Environments, Source, Store

_LOADED_LATER = frozenset({"pyright"})
_OWN_TOOLS = frozenset({"ruff"})
"""Tools that come with this program."""


def prepare(
    checkout: str, source: Source, environments: Environments | None, store: Store, *, environment: bool
) -> CodebaseInfo:
    """Return the repository that holds `checkout`, as found, copied and with its checks; with its environment if asked.

    Raises `Misconfigured` when it is not a git checkout, and what the port of environments raises.
    """
    info = copied(checkout, source, store)
    return with_environment(info, environments) if environment and environments else held.recalled(info)


def copied(checkout: str, source: Source, store: Store, failures: Iterable[Failure] = ()) -> CodebaseInfo:
    """Return the repository that holds `checkout`, copied and with its checks, also those that only `failures` show.

    Raises `Misconfigured` when it is not a git checkout.
    """
    from bot.checks import discover
    from bot.checks.discovery.shown import shown_by

    top = source.top(Path(checkout))
    tree, content = _kept_tree(store, lambda target: source.copy(top, target))
    checks = discover(FolderTexts(tree))
    return CodebaseInfo(
        repository=top.name,
        checkout=str(top),
        tree=str(tree),
        digest=content,
        checks=(*checks, *shown_by(failures, checks)),
        index=str(store.folder("index") / f"{fingerprint(str(top), length=16)}.msgpack"),
    )


def with_environment(info: CodebaseInfo, environments: Environments) -> CodebaseInfo:
    """Return the repository with an environment that holds what its checks need.

    It has none, and `environment_how` is the installer's account, where what the project declares can't be installed.
    """
    try:
        found = environments.prepare(Path(info.tree), info.needs, original=Path(info.checkout))
    except Declined as reason:
        return info.model_copy(update={"environment_how": f"none: {reason}"})
    able = tuple(check for check in info.checks if _can_run(check, found))
    unable = [check.name for check in info.checks if check not in able]
    how = f"{found.how}; not checked, for want of the tool: {', '.join(unable)}" if unable else found.how
    made = info.model_copy(
        update={
            "environment": str(found.folder),
            "environment_how": how,
            "python": found.python,
            "packages": dict(found.packages),
            "withdrawn": dict(found.withdrawn),
            "checks": able,
        }
    )
    held.remember(made)
    return made


def _can_run(check: Check, environment: Environment) -> bool:
    """Return whether a check's own tool is there; one that loads itself from the network at its first start is not."""
    if check.kind == "test":
        return True
    if check.tool in _LOADED_LATER:
        return False
    return check.tool in _OWN_TOOLS or not check.needs or name_of(check.needs[0]) in environment.packages


def with_good(info: CodebaseInfo, ref: str, source: Source, store: Store) -> CodebaseInfo:
    """Return the repository with commit `ref` as its last good version; raises `Misconfigured` for an unknown ref."""
    tree, _ = _kept_tree(store, lambda target: source.extract(Path(info.checkout), ref, target))
    return info.model_copy(update={"good": ref, "good_tree": str(tree)})


def _kept_tree(store: Store, fill: Callable[[Path], None]) -> tuple[Path, str]:
    """Fill a folder and return it with the digest of its content; equal content is kept once."""
    trees = store.folder("trees")
    trees.mkdir(parents=True, exist_ok=True)
    incoming = Path(tempfile.mkdtemp(prefix="incoming-", dir=trees))
    try:
        fill(incoming)
        _complete(incoming)
        content = tree_digest(incoming)
        target = trees / content
        try:
            os.rename(incoming, target)
        except OSError:
            if not target.is_dir():
                raise
        return target, content
    finally:
        shutil.rmtree(incoming, ignore_errors=True)


def _complete(tree: Path) -> None:
    """Write the files that only a build would make; one whose folder is not there is of another layout."""
    for path, text in generated(FolderTexts(tree)).items():
        if (tree / path).parent.is_dir():
            (tree / path).write_text(text, encoding="utf-8")


def tree_digest(folder: Path) -> str:
    """Return the sha256 over the paths, kinds, execute bits and contents of a folder."""
    found = hashlib.sha256()
    for path in sorted(_paths(folder)):
        full = folder / path
        mode = full.lstat().st_mode
        data = os.readlink(full).encode("utf-8", "surrogateescape") if stat.S_ISLNK(mode) else full.read_bytes()
        kind = "l" if stat.S_ISLNK(mode) else "x" if mode & stat.S_IXUSR else "f"
        found.update(f"{kind} {len(data)} {path}\0".encode("utf-8", "surrogateescape"))
        found.update(data)
    return found.hexdigest()


def _paths(folder: Path) -> list[str]:
    found: list[str] = []
    for here, folders, names in os.walk(folder):
        linked = [name for name in folders if os.path.islink(os.path.join(here, name))]
        found += [os.path.relpath(os.path.join(here, name), folder) for name in [*names, *linked]]
    return found
