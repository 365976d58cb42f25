"""Correct the name of a file or folder in a workflow to the one that is in the repository."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import PurePosixPath
from typing import Any

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._near import nearest
from bot.strategies._workflows import each_line, told

_ABSENT = re2.compile(
    r"(?:No such file or directory:?|can't open file|file or directory not found:|with working directory"
    r"|[Uu]nable to find|[Cc]an(?:not|'t) (?:find|open)(?: file)?:?|requirements file:?) ['\"]?([\w./-]+)"
    r"|['\"]?([\w./-]+)['\"]?: No such file or directory|Dockerfile' under '([\w./-]+)'"
    r"|workflow was not found.*?(\./[\w./-]+)|[Ii]nvalid value for .*?'([\w./-]+)' does not exist"
    r"|E902 ([\w./-]+)"
)
_PLACE = re2.compile(r"^(?:/home/runner/work/[^/]+/[^/]+|/github/workspace|/__w/[^/]+/[^/]+)/")


def _names(said: str) -> list[str]:
    found = [next(name for name in groups if name) for groups in _ABSENT.findall(said)]
    cut = [str(_PLACE.sub("", name)).rstrip("/.") for name in found]
    return list(dict.fromkeys(str(PurePosixPath(name)) for name in cut if name and not name.startswith("/")))


def _meant(name: str, codebase: Codebase) -> str:
    """Return the one path of the repository that a name was meant for, '' when there is none or several."""
    paths = [path for path in codebase.files if not path.startswith(".git/")]
    folders = {str(one) for path in paths for one in PurePosixPath(path).parents} - {"."}
    wanted = PurePosixPath(name)
    known = {*paths, *folders} if not wanted.suffix else {*paths}
    if name in known or name in folders:
        return ""
    beside = {path for path in known if PurePosixPath(path).parent == wanted.parent}
    plain = {path for path in known if _plain(PurePosixPath(path).name) == _plain(wanted.name)}
    if plain:
        near_by = plain & beside or plain
        return next(iter(near_by)) if len(near_by) == 1 else ""
    near = nearest(name, {path for path in beside if PurePosixPath(path).suffix == wanted.suffix})
    return near[0] if near else ""


def _plain(name: str) -> str:
    """Return a name without what people write in different ways: case, dashes, underscores and the order of words."""
    stem, dot, suffix = name.lower().rpartition(".")
    words = (stem if dot else suffix).replace("_", "-").split("-")
    return ".".join([*sorted(words), *([suffix] if dot else [])])


def _replaced(word: Any, new: str, line: str) -> str:
    return str(word.sub(new, line))


@strategy(
    causes=("actions-config", "packaging", "missing-dependency", "dependency-conflict", "data-missing", "none", "lint",
            "no-tests-collected"),
    trust="glance", touches="workflows", prior=0.86,
)  # fmt: skip
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one correction for each path that a log misses, a workflow names and one path of the repository is."""
    for name in _names(told(diagnosis, codebase)):
        meant = _meant(name, codebase)
        word = re2.compile(rf"(^|[\s\"'=:\[,/](?:\./)?){re2.escape(name)}(/?)($|[\s\"'\],;&)])")
        new = rf"\g<1>{meant}\g<2>\g<3>"
        edits = each_line(codebase, partial(_replaced, word, new)) if meant else ()
        if edits:
            yield Proposal(
                strategy="workflow_path",
                title=f"Name {meant} instead of {name} in {edits[0].path}",
                edits=edits,
                confidence=0.88,
                why=f"the repository has no {name}; {meant} is the only path there that could be meant.",
            )
