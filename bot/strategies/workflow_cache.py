"""Tell setup-python which file the cache depends on, when the one it expects by default is not there."""

from __future__ import annotations

from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._text import edit
from bot.strategies._workflows import told, workflows

_MISSING = re2.compile(r"No file in .* matched to \[")
_CACHE = re2.compile(r"""^(\s*)cache:\s*['"]?(?:pip|poetry|pipenv)['"]?\s*(?:#.*)?$""")


def _dependency_file(codebase: Codebase) -> str:
    """Return the file that says what is installed, which the cache should follow; '' when there is none."""
    return next((path for path in codebase.metadata.files if not path.endswith("tox.ini")), "")


def _with_path(text: str, file: str) -> str:
    lines = split_lines(text)
    if "cache-dependency-path" in text:
        return text
    new: list[str] = []
    for line in lines:
        found = _CACHE.search(line.rstrip("\r\n"))
        new.append(line)
        if found:
            new.append(f"{found.group(1)}cache-dependency-path: {file}\n")
    return "".join(new)


@strategy(causes=("actions-config",), trust="glance", touches="workflows", prior=0.85)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal when a metadata file exists under another name than the default."""
    file = _dependency_file(codebase)
    if not file or not _MISSING.search(told(diagnosis, codebase)):
        return
    edits: list[FileEdit] = []
    for path in workflows(codebase):
        edits += edit(path, codebase.text(path), _with_path(codebase.text(path), file))
    if edits:
        yield Proposal(
            strategy="workflow_cache",
            title=f"Let the cache follow {file}",
            edits=tuple(edits),
            confidence=0.85,
            why=f"setup-python looks for a requirements file by default; this project has `{file}`.",
        )
