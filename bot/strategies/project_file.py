"""Name the file or folder that is there where a build asks for one that is not: a readme, a list, a package."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._near import nearest
from bot.strategies._text import edit
from bot.strategies._workflows import told

_ABSENT = re2.compile(
    r"(?:Readme file does not exist|No such file or directory|[Cc]an(?:not|'t) (?:find|open|copy|access)(?: file)?):?"
    r" ['\"]?([\w./-]+)"
    r"|(?:[Dd]escription file|[Ff]ile|package directory) ['\"]?([\w./-]+?)['\"]?"
    r" (?:does not exist|(?:cannot be|not) found)"
)
_PLACES = ("pyproject.toml", "setup.cfg", "setup.py", "MANIFEST.in")


def _meant(name: str, codebase: Codebase) -> str:
    """Return the one path that was meant: the same name with another ending or case, else one slip away; or ''."""
    folders = {str(PurePosixPath(path).parent) for path in codebase.python_files}
    known = {*codebase.files, *(folder for folder in folders if folder != ".")}
    if name in known:
        return ""
    wanted = PurePosixPath(name)
    beside = {path for path in known if PurePosixPath(path).parent == wanted.parent}
    same = [path for path in beside if PurePosixPath(path).stem.lower() == wanted.stem.lower() and wanted.suffix]
    if len(same) == 1:
        return same[0]
    near = nearest(name, {path for path in beside if bool(PurePosixPath(path).suffix) == bool(wanted.suffix)})
    return near[0] if near and not same else ""


def _dotted(folder: str) -> str:
    """Return a package's folder as setup.py lists the package."""
    return folder.removeprefix("src/").replace("/", ".")


def _renamed(codebase: Codebase, name: str, meant: str) -> tuple[FileEdit, ...]:
    """Return the edits that write `meant` for `name` wherever the metadata have it."""
    word = re2.compile(rf"(^|[\s\"'(:,]){re2.escape(name)}($|[\s\"'),])")
    edits: list[FileEdit] = []
    for path in _PLACES:
        text = codebase.files.get(path, "")
        edits += edit(path, text, str(word.sub(rf"\g<1>{meant}\g<2>", text))) if text else ()
    return tuple(edits)


@strategy(causes=("packaging", "data-missing"), trust="glance", prior=0.85)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each file that the metadata name, that is not there, and that has one likely real name."""
    for names in dict.fromkeys(_ABSENT.findall(told(diagnosis, codebase))):
        name = next(part for part in names if part).removeprefix("./")
        meant = _meant(name, codebase)
        edits = _renamed(codebase, name, meant) if meant else ()
        if meant and not edits and not PurePosixPath(name).suffix:
            edits = _renamed(codebase, _dotted(name), _dotted(meant))
        if edits:
            yield Proposal(
                strategy="project_file",
                title=f"Name {meant} instead of {name}",
                edits=edits,
                confidence=0.88,
                why=f"the project has no {name}; {meant} is the only file there that could be meant.",
            )
