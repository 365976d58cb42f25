"""Write a lock file anew with the tool that made it, after the requirements it was made from have changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._workflows import told

# lock file, what says that a project uses it, the command that writes it with as few changes as can be
_LOCKS: dict[str, tuple[str, tuple[str, ...]]] = {
    "uv.lock": ("pyproject.toml", ("uv", "lock")),
    "poetry.lock": ("pyproject.toml", ("poetry", "lock")),
    "pdm.lock": ("pyproject.toml", ("pdm", "lock", "--update-reuse")),
    "Pipfile.lock": ("Pipfile", ("pipenv", "lock")),
}
_STALE = re2.compile(
    r"(?i)lock ?file.{0,80}(?:needs to be updated|out of (?:date|sync)|is not up[- ]to[- ]date|outdated|does not match)"
    r"|changed significantly since poetry\.lock|Pipfile\.lock.{0,40}out of date|poetry\.lock is not up to date"
    r"|requirements.{0,40}out of date"
)
_COMPILED = re2.compile(r"#\s+((?:uv pip compile|pip-compile)\b[^\n]*)")
_FLAG = re2.compile(r"^--?[\w-]+(?:=[\w./,:+-]+)?$|^[\w./-]+$")


def _compiled(codebase: Codebase) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield (file, command) of each requirements file whose head tells how it was compiled."""
    for path in sorted(codebase.files):
        if not path.endswith(".txt"):
            continue
        found = _COMPILED.search(codebase.text(path)[:2000])
        words = tuple(found.group(1).split()) if found else ()
        inputs = [word for word in words if word in codebase.files and word != path]
        if inputs and all(_FLAG.search(word) for word in words):
            yield path, words


def _commands(codebase: Codebase) -> Iterator[tuple[str, tuple[str, ...]]]:
    for path, (beside, command) in _LOCKS.items():
        if path in codebase.files and beside in codebase.files:
            yield path, command
    yield from _compiled(codebase)


@strategy(causes=("lockfile", "dependency"), trust="glance", prior=0.9)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one run of the tool for each lock file, when a log says that one is stale."""
    said = told(diagnosis, codebase)
    stale = diagnosis.details.get("class", "") == "lockfile" or any(f.klass == "lockfile" for f in diagnosis.failures)
    if not stale and not _STALE.search(said):
        return
    named = [(path, command) for path, command in _commands(codebase) if path in said]
    for path, command in named or list(_commands(codebase)):
        yield Proposal(
            strategy="lock_file",
            title=f"Write {path} anew with {command[0]}",
            command=command,
            confidence=0.9,
            why=f"{path} no longer fits the requirements that it was made from; the tool that made it knows how.",
        )
